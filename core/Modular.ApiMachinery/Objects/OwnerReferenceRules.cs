using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>The rules for <c>metadata.ownerReferences</c>.</summary>
internal static class OwnerReferenceRules
{
    private const string Path = "metadata.ownerReferences";

    public static void Validate(JsonArray? owners, FieldErrors errors)
    {
        JsonObject? controller = null;
        for (var i = 0; i < owners?.Count; i++)
        {
            if (owners[i] is not JsonObject owner)
            {
                continue;
            }

            RequireText(owner, "apiVersion", "version must not be empty", i, errors);
            RequireText(owner, "kind", "kind must not be empty", i, errors);
            RequireText(owner, "name", "name must not be empty", i, errors);
            RequireText(owner, "uid", "uid must not be empty", i, errors);
            if (owner["controller"].AsBoolean() != true)
            {
                continue;
            }

            if (controller is not null)
            {
                errors.Invalid(Path, owners,
                    "Only one reference can have Controller set to true. Found \"true\" in references for " +
                    $"{NameOf(controller)} and {NameOf(owner)}");
                return;
            }

            controller = owner;
        }
    }

    private static string NameOf(JsonObject owner) => $"{owner["kind"].AsString()}/{owner["name"].AsString()}";

    private static void RequireText(JsonObject owner, string field, string problem, int index, FieldErrors errors)
    {
        var value = owner[field].AsString() ?? "";
        if (value.Length == 0)
        {
            errors.Invalid($"{Path}[{index}].{field}", value, problem);
        }
    }
}
