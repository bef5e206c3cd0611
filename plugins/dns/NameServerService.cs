using System.Text.Json.Nodes;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Toolkit;

namespace Modular.Plugins.Dns;

/// <summary>
/// Keeps the service <c>kube-dns</c>, by which Kubernetes' tools know the name server. The server answers at the service's address itself,
/// so the label says that no service proxy is to carry it.
/// </summary>
internal sealed class NameServerService(IApiClient api, ClusterNetwork network) : IController
{
    private const string Namespace = "kube-system";
    private const string ServiceName = "kube-dns";
    private const string ProxyLabel = "service.kubernetes.io/service-proxy-name";

    private IInformer? _services;

    public string Name => "name-server-service";

    public IReadOnlyList<ControllerSource> Sources { get; } =
    [
        new(new ResourceScope(KubernetesResources.Namespaces) { FieldSelector = $"metadata.name={Namespace}" },
            static _ => [new ObjectName(Namespace, ServiceName)]),
        new(new ResourceScope(KubernetesResources.Services) { Namespace = Namespace, FieldSelector = $"metadata.name={ServiceName}" },
            static _ => [new ObjectName(Namespace, ServiceName)]),
    ];

    public ValueTask StartAsync(IReadOnlyList<IInformer> informers, CancellationToken cancellationToken)
    {
        _services = informers[1];
        return ValueTask.CompletedTask;
    }

    public async ValueTask<TimeSpan?> ReconcileAsync(ObjectName key, CancellationToken cancellationToken)
    {
        if (_services!.Get(key.Namespace, key.Name) is { } present)
        {
            await CorrectAsync(present.AsService(), cancellationToken).ConfigureAwait(false);
            return null;
        }

        await api.CreateIfAbsentAsync(KubernetesResources.Services, key.Namespace, Describe(), cancellationToken).ConfigureAwait(false);
        return null;
    }

    private async ValueTask CorrectAsync(Service present, CancellationToken cancellationToken)
    {
        if (present.Spec.ClusterIP == network.DnsAddress
            && present.Metadata.Labels.ContainsKey(ProxyLabel)
            && present.Spec.Ports is [{ Protocol: "UDP" } first, { Protocol: "TCP" } second]
            && first.Port == network.DnsPort && second.Port == network.DnsPort)
        {
            return;
        }

        // An address is for life; everything else is put right.
        var patch = Describe();
        patch["spec"]!.AsObject().Remove("clusterIP");
        patch["spec"]!.AsObject().Remove("type");
        var name = new ResourceName(KubernetesResources.Services, Namespace, ServiceName);
        await api.PatchAsync(name, PatchType.Merge, patch, "", cancellationToken).ConfigureAwait(false);
    }

    private JsonObject Describe() => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Service",
        ["metadata"] = new JsonObject
        {
            ["name"] = ServiceName,
            ["labels"] = new JsonObject
            {
                ["k8s-app"] = ServiceName,
                ["kubernetes.io/cluster-service"] = "true",
                [ProxyLabel] = "dns",
            },
        },
        ["spec"] = new JsonObject
        {
            ["type"] = "ClusterIP",
            ["clusterIP"] = network.DnsAddress,
            ["ports"] = new JsonArray(Port("dns", "UDP"), Port("dns-tcp", "TCP")),
        },
    };

    private JsonObject Port(string name, string protocol) =>
        new() { ["name"] = name, ["protocol"] = protocol, ["port"] = network.DnsPort };
}
