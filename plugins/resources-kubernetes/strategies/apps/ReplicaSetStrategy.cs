using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Replica sets: a count, a selector and the template of the pods that are kept running.</summary>
internal sealed class ReplicaSetStrategy : ObservedStrategy
{
    private ReplicaSetStrategy()
    {
    }

    public static ReplicaSetStrategy Instance { get; } = new();

    protected override JsonObject FirstStatus => new() { ["replicas"] = 0 };

    public override void Default(JsonObject obj) => PodTemplateRules.Default(obj);

    protected override void Validate(JsonObject spec, JsonObject? old, FieldErrors errors)
    {
        FieldRules.NotNegative(spec, "replicas", errors);
        FieldRules.NotNegative(spec, "minReadySeconds", errors);
        PodTemplateRules.ValidateSelected(spec, "replicaset", errors);
        PodTemplateRules.ValidateLasting(spec, "ReplicaSet", errors);
    }
}
