using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Stateful sets: pods with names and volumes of their own, one after the other.</summary>
internal sealed class StatefulSetStrategy : ObservedStrategy
{
    private static readonly string[] Changeable =
        ["replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit", "persistentVolumeClaimRetentionPolicy", "minReadySeconds"];

    private StatefulSetStrategy()
    {
    }

    public static StatefulSetStrategy Instance { get; } = new();

    protected override JsonObject FirstStatus => new() { ["replicas"] = 0, ["availableReplicas"] = 0 };

    public override void Default(JsonObject obj)
    {
        PodTemplateRules.Default(obj);
        if (obj.GetObject("spec") is not { } spec)
        {
            return;
        }

        if (spec.GetObject("updateStrategy") is { } strategy && strategy.GetString("type") == "RollingUpdate")
        {
            strategy.GetOrAddObject("rollingUpdate")["partition"] ??= 0;
        }

        var retention = spec.GetOrAddObject("persistentVolumeClaimRetentionPolicy");
        retention["whenDeleted"] ??= "Retain";
        retention["whenScaled"] ??= "Retain";
        foreach (var claim in spec.Objects("volumeClaimTemplates"))
        {
            // Whatever was sent: protobuf has no place for other kinds.
            claim["kind"] = "PersistentVolumeClaim";
            claim["apiVersion"] = "v1";
            claim.GetOrAddObject("status")["phase"] ??= "Pending";
        }
    }

    protected override void Validate(JsonObject spec, JsonObject? old, FieldErrors errors)
    {
        FieldRules.NotNegative(spec, "replicas", errors);
        FieldRules.NotNegative(spec, "minReadySeconds", errors);
        FieldRules.NotNegative(spec, "ordinals.start", errors);
        PodTemplateRules.ValidateSelected(spec, "statefulset", errors);
        PodTemplateRules.ValidateLasting(spec, "StatefulSet", errors);
        ValidateStrategy(spec, errors);
        if (old is not null && spec.Any(member => !Changeable.Contains(member.Key) && !FieldRules.Same(member.Value, old[member.Key])))
        {
            errors.Forbidden(
                "spec", "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden");
        }
    }

    private static void ValidateStrategy(JsonObject spec, FieldErrors errors)
    {
        if (spec.GetObject("updateStrategy.rollingUpdate") is not { } rolling)
        {
            return;
        }

        if (spec.GetString("updateStrategy.type") == "OnDelete")
        {
            errors.Invalid("spec.updateStrategy.rollingUpdate", rolling, "only allowed for updateStrategy 'RollingUpdate'");
            return;
        }

        FieldRules.NotNegative(rolling, "partition", errors);
        FieldRules.CountOrPercentage(rolling, "maxUnavailable", atMostAll: true, errors);
        if (FieldRules.IsZero(rolling, "maxUnavailable"))
        {
            errors.Invalid(rolling.FieldPath("maxUnavailable"), rolling["maxUnavailable"], "cannot be 0");
        }
    }
}
