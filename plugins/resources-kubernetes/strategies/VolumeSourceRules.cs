using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>What must hold in the sources of volumes: paths stay within the volume, and modes are modes.</summary>
internal static class VolumeSourceRules
{
    private const long HighestMode = 0b111_111_111;

    private static readonly string[] Objects = ["configMap", "secret", "downwardAPI"];

    public static void Validate(JsonObject volume, FieldErrors errors)
    {
        foreach (var source in Objects.Select(volume.GetObject).OfType<JsonObject>())
        {
            ValidateMode(source, "defaultMode", errors);
            ValidateItems(source, errors);
        }

        if (volume.GetObject("hostPath") is { } host && host.GetString("path") is { } path && path.Split('/').Contains(".."))
        {
            errors.Invalid(host.FieldPath("path"), path, "must not contain '..'");
        }

        if (volume.GetObject("projected") is not { } projected)
        {
            return;
        }

        ValidateMode(projected, "defaultMode", errors);
        foreach (var source in projected.Objects("sources"))
        {
            foreach (var part in Objects.Select(source.GetObject).OfType<JsonObject>())
            {
                ValidateItems(part, errors);
            }

            if (source.GetObject("serviceAccountToken") is { } token)
            {
                ValidatePath(token, errors);
            }
        }
    }

    /// <summary>A path that leads to the volume or below it.</summary>
    public static void ValidateDescending(string field, string path, FieldErrors errors)
    {
        if (path.StartsWith('/'))
        {
            errors.Invalid(field, path, "must be a relative path");
        }

        if (path.Split('/').Contains(".."))
        {
            errors.Invalid(field, path, "must not contain '..'");
        }
    }

    private static void ValidateItems(JsonObject source, FieldErrors errors)
    {
        foreach (var item in source.Objects("items"))
        {
            ValidatePath(item, errors);
            ValidateMode(item, "mode", errors);
        }
    }

    private static void ValidatePath(JsonObject item, FieldErrors errors)
    {
        var field = item.FieldPath("path");
        if (item.GetString("path") is not { Length: > 0 } path)
        {
            errors.Required(field);
            return;
        }

        ValidateDescending(field, path, errors);
        // Volumes keep names that begin so for themselves.
        if (path.StartsWith("..", StringComparison.Ordinal) && !path.Split('/').Contains(".."))
        {
            errors.Invalid(field, path, "must not start with '..'");
        }
    }

    private static void ValidateMode(JsonObject source, string field, FieldErrors errors)
    {
        if (source.GetInt64(field) is { } mode and (< 0 or > HighestMode))
        {
            errors.Invalid(source.FieldPath(field), mode, "must be a number between 0 and 0777 (octal), both inclusive");
        }
    }
}
