using System.Text.Json;
using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>Reads and validates the object form of a label selector.</summary>
internal static class LabelSelectorObject
{
    public static List<LabelRequirement> Read(JsonObject selector, string path, FieldErrors errors)
    {
        var requirements = new List<LabelRequirement>();
        if (selector["matchLabels"] is JsonObject labels)
        {
            ReadLabels(labels, path + ".matchLabels", requirements, errors);
        }

        if (selector["matchExpressions"] is JsonArray expressions)
        {
            for (var i = 0; i < expressions.Count; i++)
            {
                if (expressions[i] is JsonObject expression)
                {
                    ReadExpression(expression, $"{path}.matchExpressions[{i}]", requirements, errors);
                }
            }
        }

        return requirements;
    }

    private static void ReadLabels(JsonObject labels, string path, List<LabelRequirement> requirements, FieldErrors errors)
    {
        foreach (var (key, node) in labels)
        {
            var value = Text(node);
            var fits = Report(NameRules.QualifiedName(key), path, key, errors);
            fits &= Report(NameRules.LabelValue(value), path, value, errors);
            if (fits)
            {
                requirements.Add(new LabelRequirement(key, LabelOperator.Equals, [value]));
            }
        }
    }

    private static void ReadExpression(JsonObject expression, string path, List<LabelRequirement> requirements, FieldErrors errors)
    {
        var key = Text(expression["key"]);
        var values = Values(expression["values"] as JsonArray);
        var fits = Report(NameRules.QualifiedName(key), path + ".key", key, errors);
        var op = LabelOperator.Exists;
        switch (Text(expression["operator"]))
        {
            case "In" or "NotIn":
                op = Text(expression["operator"]) == "In" ? LabelOperator.In : LabelOperator.NotIn;
                if (values.Length == 0)
                {
                    errors.Required(path + ".values", "must be specified when `operator` is 'In' or 'NotIn'");
                    fits = false;
                }

                break;
            case "Exists" or "DoesNotExist":
                op = Text(expression["operator"]) == "Exists" ? LabelOperator.Exists : LabelOperator.DoesNotExist;
                if (values.Length > 0)
                {
                    errors.Forbidden(path + ".values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                    fits = false;
                }

                break;
            default:
                errors.Invalid(path + ".operator", Text(expression["operator"]), "not a valid selector operator");
                fits = false;
                break;
        }

        for (var i = 0; i < values.Length; i++)
        {
            fits &= Report(NameRules.LabelValue(values[i]), $"{path}.values[{i}]", values[i], errors);
        }

        if (fits)
        {
            Array.Sort(values, StringComparer.Ordinal);
            requirements.Add(new LabelRequirement(key, op, values));
        }
    }

    private static bool Report(IReadOnlyList<string> problems, string path, string value, FieldErrors errors)
    {
        foreach (var problem in problems)
        {
            errors.Invalid(path, value, problem);
        }

        return problems.Count == 0;
    }

    private static string[] Values(JsonArray? array)
    {
        if (array is null)
        {
            return [];
        }

        var values = new string[array.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Text(array[i]);
        }

        return values;
    }

    private static string Text(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : "";
}
