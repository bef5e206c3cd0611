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
        // What tells no time at all happened now; ages are told from it. The newer form must tell it.
        if (context.Resource.Group.Length == 0 && obj["firstTimestamp"] is null && obj["lastTimestamp"] is null && obj["eventTime"] is null)
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
        var isNew = obj["eventTime"] is not null;
        var matches = about.Length == 0 ? itself is ForClusterObjects or "kube-system" : isNew || about == itself;
        if (!matches)
        {
            errors.Invalid("involvedObject.namespace", about, "does not match event.namespace");
        }

        if (isNew)
        {
            EventRules.DemandReport(obj, errors);
        }

        if (context.Resource.Group == "events.k8s.io")
        {
            EventRules.DemandNewForm(obj, old, errors);
        }
    }
}
