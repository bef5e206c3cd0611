using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>What config maps and secrets have in common: keys, a size, and that they can be sealed.</summary>
internal static class DataRules
{
    public const int MostBytes = 1024 * 1024;

    private const string Sealed = "field is immutable when `immutable` is set";

    public static void ValidateKeys(JsonObject obj, string field, FieldErrors errors)
    {
        foreach (var (key, _) in obj.GetObject(field) ?? [])
        {
            errors.InvalidAll($"{field}[{key}]", key, NameRules.ConfigMapKey(key));
        }
    }

    /// <summary>How many bytes base64 text stands for; reports text that is none.</summary>
    public static long SizeOfBase64(JsonObject obj, string field, FieldErrors errors)
    {
        var size = 0L;
        foreach (var (key, text) in obj.GetStringMap(field))
        {
            if (System.Buffers.Text.Base64.IsValid(text, out var decoded))
            {
                size += decoded;
            }
            else
            {
                errors.Invalid($"{field}[{key}]", "<base64>", "must be valid base64");
            }
        }

        return size;
    }

    /// <summary>Holds a sealed object's content to what it was.</summary>
    public static void ValidateSeal(JsonObject obj, JsonObject? old, string[] fields, FieldErrors errors)
    {
        if (old?.GetBoolean("immutable") is not true)
        {
            return;
        }

        if (obj.GetBoolean("immutable") is not true)
        {
            errors.Forbidden("immutable", Sealed);
        }

        foreach (var field in fields)
        {
            if (!JsonNode.DeepEquals(obj[field] ?? new JsonObject(), old[field] ?? new JsonObject()))
            {
                errors.Forbidden(field, Sealed);
            }
        }
    }
}
