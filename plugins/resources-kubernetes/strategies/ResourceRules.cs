using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>What must hold in what a container asks for and may use at most.</summary>
internal static class ResourceRules
{
    public static void Validate(JsonObject container, FieldErrors errors)
    {
        if (container.GetObject("resources") is not { } resources)
        {
            return;
        }

        var limits = Read(resources, "limits", errors);
        var requests = Read(resources, "requests", errors);
        foreach (var (name, request) in requests)
        {
            if (limits.TryGetValue(name, out var limit) && request > limit)
            {
                errors.Invalid(resources.FieldPath("requests"), request.ToString(), $"must be less than or equal to {name} limit of {limit}");
            }
        }
    }

    private static Dictionary<string, Quantity> Read(JsonObject resources, string list, FieldErrors errors)
    {
        var amounts = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        foreach (var (name, text) in resources.GetStringMap(list))
        {
            errors.InvalidAll(resources, list, name, NameRules.QualifiedName(name));
            if (!name.Contains('/', StringComparison.Ordinal) && !IsStandard(name))
            {
                errors.Invalid(resources.FieldPath(list), name, "must be a standard resource for containers");
            }

            // What is no quantity at all is reported by the schema.
            if (!Quantity.TryParse(text, out var amount))
            {
                continue;
            }

            amounts[name] = amount;
            if (amount.IsNegative)
            {
                errors.Invalid($"{resources.FieldPath(list)}[{name}]", text, "must be greater than or equal to 0");
            }
        }

        return amounts;
    }

    private static bool IsStandard(string name) =>
        name is "cpu" or "memory" or "ephemeral-storage" || name.StartsWith("hugepages-", StringComparison.Ordinal);
}
