using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Limit ranges: what containers, pods and claims may ask for at least and at most, and what they get that ask for nothing.</summary>
internal sealed class LimitRangeStrategy : IResourceStrategy
{
    private LimitRangeStrategy()
    {
    }

    public static LimitRangeStrategy Instance { get; } = new();

    public void Default(JsonObject obj)
    {
        foreach (var limit in obj.Objects("spec.limits"))
        {
            if (limit.GetString("type") == "Container")
            {
                Fill(limit, "default", "max");
                Fill(limit, "defaultRequest", "default");
                Fill(limit, "defaultRequest", "min");
            }
        }
    }

    public void Validate(StrategyContext context, JsonObject obj, JsonObject? old, FieldErrors errors)
    {
        var types = new HashSet<string>(StringComparer.Ordinal);
        foreach (var limit in obj.Objects("spec.limits"))
        {
            var type = limit.GetString("type") ?? "";
            if (!types.Add(type))
            {
                errors.Duplicate(limit.FieldPath("type"), type);
            }

            if (type == "Pod")
            {
                Refuse(limit, "default", errors);
                Refuse(limit, "defaultRequest", errors);
            }

            ValidateOrder(limit, errors);
        }
    }

    private static void Fill(JsonObject limit, string field, string from)
    {
        if (limit.GetObject(from) is not { Count: > 0 } values)
        {
            return;
        }

        var filled = limit.GetOrAddObject(field);
        foreach (var (resource, amount) in values)
        {
            filled[resource] ??= amount?.DeepClone();
        }
    }

    private static void Refuse(JsonObject limit, string field, FieldErrors errors)
    {
        if (limit.GetObject(field) is { Count: > 0 })
        {
            errors.Forbidden(limit.FieldPath(field), "may not be specified when `type` is 'Pod'");
        }
    }

    // From the least to the most: what is asked for by default is no less and no more than may be asked for.
    private static void ValidateOrder(JsonObject limit, FieldErrors errors)
    {
        (string Lower, string Upper, string Path)[] pairs =
        [
            ("min", "max", "min"), ("min", "defaultRequest", "defaultRequest"), ("defaultRequest", "max", "defaultRequest"),
            ("defaultRequest", "default", "defaultRequest"), ("default", "max", "default"), ("min", "default", "default"),
        ];
        foreach (var (lower, upper, path) in pairs)
        {
            foreach (var (resource, least) in limit.GetObject(lower) ?? [])
            {
                if (limit.GetObject(upper)?[resource] is { } most && TryRead(least, out var low) && TryRead(most, out var high) && low.CompareTo(high) > 0)
                {
                    var shown = path == lower ? low : high;
                    errors.Invalid($"{limit.FieldPath(path)}[{resource}]", shown.ToString(), $"{lower} value {low} is greater than {upper} value {high}");
                }
            }
        }
    }

    private static bool TryRead(JsonNode? node, out Quantity quantity) => Quantity.TryParse(node.AsString() ?? "", out quantity);
}
