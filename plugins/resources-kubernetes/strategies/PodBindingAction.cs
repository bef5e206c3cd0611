using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>pods/binding: gives a pod its node, once.</summary>
internal sealed class PodBindingAction : ISubresourceAction
{
    private static readonly GroupVersionKind Kind = new("", "v1", "Binding");

    private PodBindingAction()
    {
    }

    public static PodBindingAction Instance { get; } = new();

    public ValueTask<ActionAnswer> ApplyAsync(StrategyContext context, JsonObject request, JsonObject obj, CancellationToken cancellationToken)
    {
        var node = Validate(context, request);
        DemandUnbound(context, request, obj);
        obj.Set("spec.nodeName", node);
        Merge(request, obj, "metadata.annotations");
        Merge(request, obj, "metadata.labels");
        obj.RemovePath("status.nominatedNodeName");
        SetScheduled(obj, context.Now);
        return new(ActionAnswer.Done);
    }

    private static string Validate(StrategyContext context, JsonObject request)
    {
        var errors = new FieldErrors();
        if (request.GetString("target.kind") is { } kind and not ("" or "Node"))
        {
            errors.NotSupported("target.kind", kind, ["Node", "<empty>"]);
        }

        var node = request.GetString("target.name") ?? "";
        if (node.Length == 0)
        {
            errors.Required("target.name");
        }

        return errors.Any ? throw new ApiException(errors.ToStatus(Kind, context.Name)) : node;
    }

    private static void DemandUnbound(StrategyContext context, JsonObject request, JsonObject obj)
    {
        var uid = obj.GetString("metadata.uid") ?? "";
        if (request.GetString("metadata.uid") is { Length: > 0 } wanted && wanted != uid)
        {
            throw Conflict(context, $"Precondition failed: UID in precondition: {wanted}, UID in object meta: {uid}");
        }

        if (obj.GetString("metadata.deletionTimestamp") is not null)
        {
            throw Conflict(context, $"pod {context.Name} is being deleted, cannot be assigned to a host");
        }

        if (obj.GetString("spec.nodeName") is { Length: > 0 } node)
        {
            throw Conflict(context, $"pod {context.Name} is already assigned to node \"{node}\"");
        }

        if (obj.GetArray("spec.schedulingGates") is { Count: > 0 })
        {
            throw Conflict(context, $"pod {context.Name} has non-empty .spec.schedulingGates");
        }
    }

    private static ApiException Conflict(StrategyContext context, string why) => new(
        new ApiStatus(StatusReason.Conflict, $"Operation cannot be fulfilled on pods/binding \"{context.Name}\": {why}")
        {
            Kind = "pods/binding",
            Name = context.Name,
        });

    private static void Merge(JsonObject request, JsonObject obj, string path)
    {
        foreach (var (key, value) in request.GetStringMap(path))
        {
            obj.GetOrAddObject(path)[key] = value;
        }
    }

    private static void SetScheduled(JsonObject obj, DateTimeOffset now)
    {
        var conditions = obj.GetArray("status.conditions");
        if (conditions is null)
        {
            conditions = [];
            obj.Set("status.conditions", conditions);
        }

        var scheduled = obj.Objects("status.conditions").FirstOrDefault(condition => condition.GetString("type") == "PodScheduled");
        if (scheduled is not null)
        {
            conditions.Remove(scheduled);
        }

        conditions.Add((JsonNode)new JsonObject
        {
            ["type"] = "PodScheduled",
            ["status"] = "True",
            ["lastTransitionTime"] = KubernetesTime.Format(now),
        });
    }
}
