using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Toolkit;

namespace Modular.Plugins.Controllers.ServiceAddresses;

/// <summary>Keeps the ServiceCIDR <c>kubernetes</c>, which tells the range that services have their addresses from. Addresses are given from no other.</summary>
internal sealed class ServiceCidrController(IApiClient api, TimeProvider time, string range) : IController
{
    private const string Default = "kubernetes";
    private static readonly ObjectName Key = new("", Default);
    private IInformer? _ranges;

    public string Name => "service-cidr";

    public IReadOnlyList<ControllerSource> Sources { get; } =
    [
        // Where there is nothing yet, the namespace is what wakes the controller.
        new(new ResourceScope(KubernetesResources.Namespaces) { FieldSelector = "metadata.name=default" }, static _ => [Key]),
        new(new ResourceScope(KubernetesResources.ServiceCidrs), static cidr => cidr.Metadata.Name == Default ? [Key] : []),
    ];

    public ValueTask StartAsync(IReadOnlyList<IInformer> informers, CancellationToken cancellationToken)
    {
        _ranges = informers[1];
        return ValueTask.CompletedTask;
    }

    public async ValueTask<TimeSpan?> ReconcileAsync(ObjectName key, CancellationToken cancellationToken)
    {
        if (_ranges!.Get("", Default) is not { } present)
        {
            await CreateAsync(cancellationToken).ConfigureAwait(false);
            return null;
        }

        var conditions = (present.ToJsonObject().GetArray("status.conditions") ?? []).OfType<JsonObject>();
        if (!conditions.Any(static condition => condition.GetString("type") == "Ready" && condition.GetString("status") == "True"))
        {
            var status = new JsonObject
            {
                ["conditions"] = new JsonArray(StatusPatch.Condition([], "Ready", "True", "", "Kubernetes default Service CIDR is ready", time.GetUtcNow())),
            };
            await StatusPatch.SendAsync(api, new ResourceName(KubernetesResources.ServiceCidrs, "", Default), status, cancellationToken).ConfigureAwait(false);
        }

        return null;
    }

    private async ValueTask CreateAsync(CancellationToken cancellationToken)
    {
        var cidr = new JsonObject
        {
            ["apiVersion"] = "networking.k8s.io/v1",
            ["kind"] = "ServiceCIDR",
            ["metadata"] = new JsonObject { ["name"] = Default },
            ["spec"] = new JsonObject { ["cidrs"] = new JsonArray(range) },
        };
        await api.CreateIfAbsentAsync(KubernetesResources.ServiceCidrs, "", cidr, cancellationToken).ConfigureAwait(false);
    }
}
