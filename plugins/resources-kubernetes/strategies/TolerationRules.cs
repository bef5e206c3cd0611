using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>What must hold in the tolerations of a pod, and which of them an update may change.</summary>
internal static class TolerationRules
{
    public static void Validate(JsonObject spec, FieldErrors errors)
    {
        foreach (var toleration in spec.Objects("tolerations"))
        {
            var key = toleration.GetString("key") ?? "";
            var exists = toleration.GetString("operator") == "Exists";
            if (key.Length > 0)
            {
                errors.InvalidAll(toleration, "key", key, NameRules.QualifiedName(key));
            }
            else if (!exists)
            {
                errors.Invalid(
                    toleration.FieldPath("operator"),
                    toleration.GetString("operator") ?? "",
                    "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
            }

            if (exists && toleration.GetString("value") is { Length: > 0 } value)
            {
                errors.Invalid(toleration.FieldPath("operator"), value, "value must be empty when `operator` is 'Exists'");
            }

            if (toleration["tolerationSeconds"] is not null && toleration.GetString("effect") != "NoExecute")
            {
                errors.Invalid(
                    toleration.FieldPath("effect"),
                    toleration.GetString("effect") ?? "",
                    "effect must be 'NoExecute' when `tolerationSeconds` is set");
            }
        }
    }

    /// <summary>True if every old toleration is still there, but for its time.</summary>
    public static bool OnlyAdds(JsonObject spec, JsonObject oldSpec)
    {
        var kept = spec.Objects("tolerations").Select(WithoutTime).ToList();
        return oldSpec.Objects("tolerations").Select(WithoutTime).All(old => kept.Exists(t => JsonNode.DeepEquals(t, old)));
    }

    private static JsonObject WithoutTime(JsonObject toleration)
    {
        var copy = (JsonObject)toleration.DeepClone();
        copy.Remove("tolerationSeconds");
        return copy;
    }
}
