using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Toolkit;

namespace Modular.Plugins.Controllers.RootCertificate;

/// <summary>Keeps a ConfigMap <c>kube-root-ca.crt</c> in each namespace, by which pods can tell that it is the API server they talk to.</summary>
internal sealed class RootCertificateController(IApiClient api, string certificate) : IController
{
    private const string MapName = "kube-root-ca.crt";
    private const string DataKey = "ca.crt";
    private const string Description = "kubernetes.io/description";

    private IInformer? _namespaces;
    private IInformer? _maps;

    public string Name => "root-ca-certificate-publisher";

    public IReadOnlyList<ControllerSource> Sources { get; } =
    [
        new(new ResourceScope(KubernetesResources.Namespaces), static ns => [ns.Name]),
        new(new ResourceScope(KubernetesResources.ConfigMaps) { FieldSelector = $"metadata.name={MapName}" }, static map => [new ObjectName("", map.Metadata.Namespace)]),
    ];

    public ValueTask StartAsync(IReadOnlyList<IInformer> informers, CancellationToken cancellationToken)
    {
        (_namespaces, _maps) = (informers[0], informers[1]);
        return ValueTask.CompletedTask;
    }

    public async ValueTask<TimeSpan?> ReconcileAsync(ObjectName key, CancellationToken cancellationToken)
    {
        if (_namespaces!.Get("", key.Name) is not { Metadata.DeletionTimestamp: null })
        {
            return null;
        }

        try
        {
            if (_maps!.Get(key.Name, MapName) is not { } map)
            {
                await api.CreateIfAbsentAsync(KubernetesResources.ConfigMaps, key.Name, New(), cancellationToken).ConfigureAwait(false);
            }
            else if (Correction(map) is { Count: > 0 } correction)
            {
                var name = new ResourceName(KubernetesResources.ConfigMaps, key.Name, MapName);
                await api.PatchAsync(name, PatchType.Merge, new JsonObject { ["data"] = correction }, "", cancellationToken).ConfigureAwait(false);
            }
        }
        catch (ApiException error) when (error.Reason == StatusReason.NotFound)
        {
            // The namespace or the map is gone.
        }

        return null;
    }

    /// <summary>What makes the data right: the certificate, and nothing beside it.</summary>
    private JsonObject Correction(ApiObject map)
    {
        var data = map.ToJsonObject()["data"] as JsonObject ?? [];
        var correction = new JsonObject();
        foreach (var (name, _) in data.Where(static entry => entry.Key != DataKey))
        {
            correction[name] = null;
        }

        if (data[DataKey].AsString() != certificate)
        {
            correction[DataKey] = certificate;
        }

        return correction;
    }

    private JsonObject New() => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject
        {
            ["name"] = MapName,
            ["annotations"] = new JsonObject { [Description] = "The authority that signed the API server's certificate." },
        },
        ["data"] = new JsonObject { [DataKey] = certificate },
    };
}
