using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Events: they live where the object they are about lives.</summary>
internal sealed class EventStrategy : IResourceStrategy
{
    private const string ForClusterObjects = "default";

    private EventStrategy()
    {
    }

    public static EventStrategy Instance { get; } = new();

    public ValueTask PrepareForCreateAsync(StrategyContext context, JsonObject obj, CancellationToken cancellationToken)
    {
        // What tells no time at all happened now; ages are told from it.
        if (obj["firstTimestamp"] is null && obj["lastTimestamp"] is null && obj["eventTime"] is null)
        {
            obj["firstTimestamp"] = KubernetesTime.Format(context.Now);
            obj["lastTimestamp"] = KubernetesTime.Format(context.Now);
        }

        return ValueTask.CompletedTask;
    }

    public void Validate(StrategyContext context, JsonObject obj, JsonObject? old, FieldErrors errors)
    {
        var about = obj.GetString("involvedObject.namespace") ?? "";
        var itself = obj.GetString("metadata.namespace") ?? context.Namespace;
        var matches = about.Length == 0 ? itself is ForClusterObjects or "kube-system" : about == itself;
        if (!matches)
        {
            errors.Invalid("involvedObject.namespace", about, "does not match event.namespace");
        }
    }
}
