using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>What must hold in containers that are added to a pod that runs, to look into it. Once added they stay as they are.</summary>
internal static class EphemeralContainerRules
{
    private static readonly string[] NotTheirs = ["ports", "lifecycle", "livenessProbe", "readinessProbe", "startupProbe", "restartPolicy", "resizePolicy"];

    public static void Validate(JsonObject spec, JsonObject oldSpec, FieldErrors errors)
    {
        ValidateChanges(spec, oldSpec, errors);
        var others = spec.Objects("containers").Concat(spec.Objects("initContainers")).Select(container => container.GetString("name") ?? "").ToHashSet();
        var names = new HashSet<string>(others, StringComparer.Ordinal);
        var volumes = spec.Objects("volumes").Select(volume => volume.GetString("name") ?? "").ToHashSet();
        foreach (var container in spec.Objects("ephemeralContainers"))
        {
            ContainerRules.Validate(container, names, volumes, isInit: false, errors);
            if (container.GetString("targetContainerName") is { Length: > 0 } target && !others.Contains(target))
            {
                errors.NotFound(container.FieldPath("targetContainerName"), target);
            }

            foreach (var field in NotTheirs.Where(container.ContainsKey))
            {
                errors.Forbidden(container.FieldPath(field), "cannot be set for an Ephemeral Container");
            }

            if (container.GetObject("resources") is { Count: > 0 })
            {
                errors.Forbidden(container.FieldPath("resources"), "cannot be set for an Ephemeral Container");
            }

            foreach (var mount in container.Objects("volumeMounts"))
            {
                foreach (var field in ((string[])["subPath", "subPathExpr"]).Where(field => mount.GetString(field) is { Length: > 0 }))
                {
                    errors.Forbidden(mount.FieldPath(field), "cannot be set for an Ephemeral Container");
                }
            }
        }
    }

    private static void ValidateChanges(JsonObject spec, JsonObject oldSpec, FieldErrors errors)
    {
        foreach (var old in oldSpec.Objects("ephemeralContainers"))
        {
            var name = old.GetString("name");
            var now = spec.Objects("ephemeralContainers").FirstOrDefault(container => container.GetString("name") == name);
            if (now is null || !FieldRules.Same(now, old))
            {
                errors.Forbidden(
                    spec.FieldPath("ephemeralContainers"), $"existing ephemeral containers \"{name}\" may not be {(now is null ? "removed" : "changed")}");
            }
        }
    }
}
