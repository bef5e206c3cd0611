using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>What must hold in the environment of a container.</summary>
internal static class EnvironmentRules
{
    public static void Validate(JsonObject container, FieldErrors errors)
    {
        foreach (var variable in container.Objects("env"))
        {
            if (variable.GetString("name") is { } name)
            {
                ValidateName(variable, name, errors);
            }

            if (variable.GetObject("valueFrom") is { } source)
            {
                ValidateSource(variable, source, errors);
            }
        }
    }

    private static void ValidateName(JsonObject variable, string name, FieldErrors errors)
    {
        if (name.Length == 0)
        {
            errors.Required(variable.FieldPath("name"));
            return;
        }

        errors.InvalidAll(variable, "name", name, NameRules.EnvironmentVariable(name));
    }

    private static void ValidateSource(JsonObject variable, JsonObject source, FieldErrors errors)
    {
        var path = variable.FieldPath("valueFrom");
        if (source.Count == 0)
        {
            errors.Invalid(path, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`");
        }
        else if (variable.GetString("value") is { Length: > 0 })
        {
            errors.Invalid(path, "", "may not be specified when `value` is not empty");
        }
        else if (source.Count > 1)
        {
            errors.Invalid(path, "", "may not have more than one field specified at a time");
        }
    }
}
