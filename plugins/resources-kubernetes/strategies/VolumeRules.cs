using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>What must hold in the volumes of a pod and in where its containers mount them.</summary>
internal static class VolumeRules
{
    /// <summary>Checks the volumes and answers their names.</summary>
    public static IReadOnlySet<string> Validate(JsonObject spec, FieldErrors errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var volume in spec.Objects("volumes"))
        {
            var sources = volume.Count - (volume.ContainsKey("name") ? 1 : 0);
            if (sources == 0)
            {
                errors.Required(JsonPaths.PathOf(volume), "must specify a volume type");
            }
            else if (sources > 1)
            {
                var second = volume.Where(member => member.Key != "name").ElementAt(1).Key;
                errors.Forbidden(volume.FieldPath(second), "may not specify more than 1 volume type");
            }

            VolumeSourceRules.Validate(volume, errors);
            if (volume.GetString("name") is { } name)
            {
                ValidateName(volume, name, names, errors);
            }
        }

        return names;
    }

    /// <summary>Checks the mounts of a container against the pod's volumes.</summary>
    public static void ValidateMounts(JsonObject container, IReadOnlySet<string> volumes, FieldErrors errors)
    {
        var paths = new HashSet<string>(StringComparer.Ordinal);
        foreach (var mount in container.Objects("volumeMounts"))
        {
            if (mount.GetString("name") is { } name)
            {
                ValidateReference(mount, name, volumes, errors);
            }

            if (mount.GetString("mountPath") is not { } path)
            {
                continue;
            }

            if (path.Length == 0)
            {
                errors.Required(mount.FieldPath("mountPath"));
            }
            else if (!paths.Add(path))
            {
                errors.Invalid(mount.FieldPath("mountPath"), path, "must be unique");
            }

            ValidateSubPath(mount, errors);
        }
    }

    private static void ValidateName(JsonObject volume, string name, HashSet<string> names, FieldErrors errors)
    {
        if (name.Length == 0)
        {
            errors.Required(volume.FieldPath("name"));
            return;
        }

        errors.InvalidAll(volume, "name", name, NameRules.Dns1123Label(name));
        if (!names.Add(name))
        {
            errors.Duplicate(volume.FieldPath("name"), name);
        }
    }

    private static void ValidateReference(JsonObject mount, string name, IReadOnlySet<string> volumes, FieldErrors errors)
    {
        if (name.Length == 0)
        {
            errors.Required(mount.FieldPath("name"));
        }
        else if (!volumes.Contains(name))
        {
            errors.NotFound(mount.FieldPath("name"), name);
        }
    }

    private static void ValidateSubPath(JsonObject mount, FieldErrors errors)
    {
        var (subPath, expression) = (mount.GetString("subPath") ?? "", mount.GetString("subPathExpr") ?? "");
        VolumeSourceRules.ValidateDescending(mount.FieldPath("subPath"), subPath, errors);
        if (subPath.Length > 0 && expression.Length > 0)
        {
            errors.Invalid(mount.FieldPath("subPathExpr"), expression, "subPathExpr and subPath are mutually exclusive");
        }

        VolumeSourceRules.ValidateDescending(mount.FieldPath("subPathExpr"), expression, errors);
    }
}
