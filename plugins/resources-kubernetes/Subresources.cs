using Modular.Plugins.ResourcesKubernetes.Schemas;
using Modular.Plugins.ResourcesKubernetes.Strategies;

namespace Modular.Plugins.ResourcesKubernetes;

/// <summary>How the subresources of the table are served; those that nobody serves yet are left out.</summary>
internal sealed class Subresources(SchemaTable schemas, DisruptionBudgets budgets)
{
    private static readonly string[] Resizable = ["resources", "resizePolicy"];

    public Subresource? Define(ResourceDefinition owner, TableLine line)
    {
        var kind = Kind(owner.Kind, line.Value("kind")!);
        var subresource = new Subresource { Name = line[1], Type = SubresourceType.Status, Kind = kind, Verbs = line.Values("verbs") };
        return (owner.Resource.Resource, line[1]) switch
        {
            (_, "status") => subresource,
            (_, "scale") => subresource with { Type = SubresourceType.Scale, Schema = schemas.OfKind(kind) },
            ("pods", "binding") => subresource with
            {
                Type = SubresourceType.Action,
                Schema = schemas.OfKind(kind),
                Action = PodBindingAction.Instance,
            },
            ("namespaces", "finalize") => subresource with
            {
                Type = SubresourceType.Action,
                Schema = schemas.OfKind(kind),
                Action = NamespaceFinalizeAction.Instance,
            },
            ("certificatesigningrequests", "approval") => subresource,
            ("pods", "eviction") => subresource with { Type = SubresourceType.Action, Schema = schemas.OfKind(kind), Action = new PodEvictionAction(budgets) },
            ("pods", "ephemeralcontainers") => subresource with { Type = SubresourceType.Part, Fields = ["spec.ephemeralContainers"] },
            ("pods", "resize") => subresource with
            {
                Type = SubresourceType.Part,
                Fields = [.. Resizable.SelectMany(field => new[] { $"spec.containers[].{field}", $"spec.initContainers[].{field}" })],
            },
            ("pods", "log") => subresource with { Type = SubresourceType.Connect, Connect = PodLogConnect.Instance },
            ("pods", "exec") => subresource with { Type = SubresourceType.Connect, Connect = PodExecConnect.Instance },
            ("pods", "attach") => subresource with { Type = SubresourceType.Connect, Connect = PodAttachConnect.Instance },
            ("pods", "portforward") => subresource with { Type = SubresourceType.Connect, Connect = PodPortForwardConnect.Instance },
            ("pods", "proxy") => subresource with { Type = SubresourceType.Proxy, Connect = PodProxyConnect.Instance },
            ("services", "proxy") => subresource with
            {
                Type = SubresourceType.Proxy,
                Connect = ServiceProxyConnect.Instance,
                Beside = ServiceProxyConnect.Endpoints,
            },
            ("nodes", "proxy") => subresource with { Type = SubresourceType.Proxy, Connect = NodeProxyConnect.Instance },
            _ => null,
        };
    }

    // A kind of another group is written with it: autoscaling/v1/Scale.
    private static GroupVersionKind Kind(GroupVersionKind owner, string kind)
    {
        var slash = kind.LastIndexOf('/');
        return slash < 0 ? owner with { Kind = kind } : GroupVersionKind.From(kind[..slash], kind[(slash + 1)..]);
    }
}
