using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Toolkit;

namespace Modular.Plugins.Controllers.KubernetesService;

/// <summary>Keeps the service <c>kubernetes</c>, by which pods find the API server, and who answers for it.</summary>
internal sealed class KubernetesServiceController(IApiClient api, HostInformation host) : IController
{
    private const string Namespace = "default";
    private const string ServiceName = "kubernetes";
    private const string PortName = "https";
    private static readonly ObjectName Key = new(Namespace, ServiceName);
    private IInformer? _services;
    private IInformer? _endpoints;
    private IInformer? _slices;
    private IInformer? _nodes;

    public string Name => "kubernetes-service";

    public IReadOnlyList<ControllerSource> Sources { get; } =
    [
        // Where there is nothing yet, the namespace is what wakes the controller.
        new(new ResourceScope(KubernetesResources.Namespaces) { FieldSelector = $"metadata.name={Namespace}" }, static _ => [Key]),
        Named(KubernetesResources.Services),
        Named(KubernetesResources.Endpoints),
        Named(KubernetesResources.EndpointSlices),
        new(new ResourceScope(KubernetesResources.Nodes) { FieldSelector = $"metadata.name={host.NodeName}" }, static _ => [Key]),
    ];

    private int ApiPort => host.ApiServer.Port;

    // Without rights nobody could listen at 443 on the machine's own network.
    private int ServicePort => host.Network.Isolated ? 443 : ApiPort;

    private string ListenAddress => IPAddress.TryParse(host.ApiServer.Host.Trim('[', ']'), out var address)
        && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any)
        ? address.ToString()
        : IPAddress.Loopback.ToString();

    public ValueTask StartAsync(IReadOnlyList<IInformer> informers, CancellationToken cancellationToken)
    {
        (_services, _endpoints, _slices, _nodes) = (informers[1], informers[2], informers[3], informers[4]);
        return ValueTask.CompletedTask;
    }

    public async ValueTask<TimeSpan?> ReconcileAsync(ObjectName key, CancellationToken cancellationToken)
    {
        if (_services!.Get(Namespace, ServiceName) is null)
        {
            await CreateAsync(KubernetesResources.Services, Service(), cancellationToken).ConfigureAwait(false);
        }

        if (ApiAddress is not { } apiAddress)
        {
            return null;
        }

        var endpoints = _endpoints!.Get(Namespace, ServiceName);
        if (endpoints?.AsEndpoints().Subsets is not [{ Addresses: [{ } address], Ports: [{ } port] }] || address.Ip != apiAddress || port.Port != ApiPort)
        {
            await WriteAsync(KubernetesResources.Endpoints, endpoints, Endpoints(apiAddress), cancellationToken).ConfigureAwait(false);
        }

        var slice = _slices!.Get(Namespace, ServiceName);
        if (slice?.AsEndpointSlice() is not { Endpoints: [{ Addresses: [{ } ip] }], Ports: [{ } slicePort] } || ip != apiAddress || slicePort.Port != ApiPort)
        {
            await WriteAsync(KubernetesResources.EndpointSlices, slice, Slice(apiAddress), cancellationToken).ConfigureAwait(false);
        }

        return null;
    }

    // Pods with a network of their own reach the API at the node's address in it; null until the node tells it.
    private string? ApiAddress => host.Network.Isolated
        ? _nodes!.Get("", host.NodeName)?.Metadata.Annotations.GetValueOrDefault(NodeAnnotations.PodNetworkAddress)
        : ListenAddress;

    private static ControllerSource Named(GroupVersionResource resource) =>
        new(new ResourceScope(resource) { Namespace = Namespace, FieldSelector = $"metadata.name={ServiceName}" }, static _ => [Key]);

    private async ValueTask WriteAsync(GroupVersionResource resource, ApiObject? present, JsonObject obj, CancellationToken cancellationToken)
    {
        if (present is null)
        {
            await CreateAsync(resource, obj, cancellationToken).ConfigureAwait(false);
            return;
        }

        obj["metadata"]!["resourceVersion"] = present.Revision.ToString(CultureInfo.InvariantCulture);
        await api.UpdateAsync(new ResourceName(resource, Namespace, ServiceName), obj, "", cancellationToken).ConfigureAwait(false);
    }

    private ValueTask CreateAsync(GroupVersionResource resource, JsonObject obj, CancellationToken cancellationToken) =>
        api.CreateIfAbsentAsync(resource, Namespace, obj, cancellationToken);

    private JsonObject Service() => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Service",
        ["metadata"] = new JsonObject
        {
            ["name"] = ServiceName,
            ["labels"] = new JsonObject { ["component"] = "apiserver", ["provider"] = "kubernetes" },
        },
        ["spec"] = new JsonObject
        {
            ["clusterIP"] = host.Network.ApiAddress,
            ["ports"] = new JsonArray(new JsonObject { ["name"] = PortName, ["port"] = ServicePort, ["targetPort"] = ApiPort }),
        },
    };

    private JsonObject Endpoints(string apiAddress) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Endpoints",
        ["metadata"] = new JsonObject
        {
            ["name"] = ServiceName,
            // The slice is written here too.
            ["labels"] = new JsonObject { ["endpointslice.kubernetes.io/skip-mirror"] = "true" },
        },
        ["subsets"] = new JsonArray(new JsonObject
        {
            ["addresses"] = new JsonArray(new JsonObject { ["ip"] = apiAddress }),
            ["ports"] = new JsonArray(Port()),
        }),
    };

    private JsonObject Slice(string apiAddress) => new()
    {
        ["apiVersion"] = "discovery.k8s.io/v1",
        ["kind"] = "EndpointSlice",
        ["metadata"] = new JsonObject
        {
            ["name"] = ServiceName,
            ["labels"] = new JsonObject { [EndpointSlice.ServiceNameLabel] = ServiceName },
        },
        ["addressType"] = apiAddress.Contains(':', StringComparison.Ordinal) ? "IPv6" : "IPv4",
        ["endpoints"] = new JsonArray(new JsonObject
        {
            ["addresses"] = new JsonArray(apiAddress),
            ["conditions"] = new JsonObject { ["ready"] = true },
        }),
        ["ports"] = new JsonArray(Port()),
    };

    private JsonObject Port() => new() { ["name"] = PortName, ["port"] = ApiPort, ["protocol"] = "TCP" };
}
