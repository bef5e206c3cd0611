using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>The few fields of a pod's spec that may change once the pod exists.</summary>
internal static class PodUpdateRules
{
    private const string Explanation =
        "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`," +
        "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations)," +
        "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

    private static readonly string[] Lists = ["containers", "initContainers"];

    public static void Validate(JsonObject spec, JsonObject oldSpec, FieldErrors errors)
    {
        if (FieldRules.Same(spec, oldSpec))
        {
            return;
        }

        foreach (var list in Lists)
        {
            if ((spec.GetArray(list)?.Count ?? 0) != (oldSpec.GetArray(list)?.Count ?? 0))
            {
                errors.Forbidden(spec.FieldPath(list), "pod updates may not add or remove containers");
                return;
            }
        }

        ValidateDeadline(spec, oldSpec, errors);
        ValidateGates(spec, oldSpec, errors);
        if (!TolerationRules.OnlyAdds(spec, oldSpec))
        {
            errors.Forbidden(spec.FieldPath("tolerations"), "existing toleration can not be modified except its tolerationSeconds");
        }

        if (!FieldRules.Same(WithMutableFieldsOf(spec, oldSpec), oldSpec))
        {
            errors.Forbidden(JsonPaths.PathOf(spec), Explanation);
        }
    }

    private static void ValidateDeadline(JsonObject spec, JsonObject oldSpec, FieldErrors errors)
    {
        if (oldSpec.GetInt64("activeDeadlineSeconds") is not { } old)
        {
            return;
        }

        var path = spec.FieldPath("activeDeadlineSeconds");
        if (spec.GetInt64("activeDeadlineSeconds") is not { } deadline)
        {
            errors.Invalid(path, null, "must not update from a positive integer to nil value");
        }
        else if (deadline > old)
        {
            errors.Invalid(path, deadline, "must be less than or equal to previous value");
        }
    }

    private static void ValidateGates(JsonObject spec, JsonObject oldSpec, FieldErrors errors)
    {
        var known = oldSpec.Objects("schedulingGates").Select(gate => gate.GetString("name")).ToHashSet();
        foreach (var gate in spec.Objects("schedulingGates"))
        {
            if (!known.Contains(gate.GetString("name")))
            {
                errors.Forbidden(
                    spec.FieldPath("schedulingGates"), $"only deletion is allowed, but found new scheduling gate '{gate.GetString("name")}'");
            }
        }
    }

    /// <summary>The new spec with everything that may change put back to what it was.</summary>
    private static JsonObject WithMutableFieldsOf(JsonObject spec, JsonObject oldSpec)
    {
        var copy = (JsonObject)spec.DeepClone();
        foreach (var list in Lists)
        {
            foreach (var (container, old) in copy.Objects(list).Zip(oldSpec.Objects(list)))
            {
                Restore(container, old, "image");
            }
        }

        Restore(copy, oldSpec, "activeDeadlineSeconds");
        Restore(copy, oldSpec, "tolerations");
        Restore(copy, oldSpec, "schedulingGates");
        if (oldSpec.GetInt64("terminationGracePeriodSeconds") < 0 && spec.GetInt64("terminationGracePeriodSeconds") == 1)
        {
            Restore(copy, oldSpec, "terminationGracePeriodSeconds");
        }

        return copy;
    }

    private static void Restore(JsonObject target, JsonObject source, string field)
    {
        target.Remove(field);
        if (source.TryGetPropertyValue(field, out var value))
        {
            target[field] = value?.DeepClone();
        }
    }
}
