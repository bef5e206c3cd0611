using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>What must hold in a container of a pod.</summary>
internal static class ContainerRules
{
    public static void Validate(
        JsonObject container, HashSet<string> names, IReadOnlySet<string> volumes, bool isInit, FieldErrors errors)
    {
        ValidateName(container, names, errors);
        ValidateImage(container, errors);
        ContainerPortRules.Validate(container, errors);
        EnvironmentRules.Validate(container, errors);
        VolumeRules.ValidateMounts(container, volumes, errors);
        ProbeRules.Validate(container, isInit, errors);
        ResourceRules.Validate(container, errors);
    }

    private static void ValidateName(JsonObject container, HashSet<string> names, FieldErrors errors)
    {
        if (container.GetString("name") is not { } name)
        {
            return;
        }

        if (name.Length == 0)
        {
            errors.Required(container.FieldPath("name"));
            return;
        }

        errors.InvalidAll(container, "name", name, NameRules.Dns1123Label(name));
        if (!names.Add(name))
        {
            errors.Duplicate(container.FieldPath("name"), name);
        }
    }

    private static void ValidateImage(JsonObject container, FieldErrors errors)
    {
        var image = container.GetString("image") ?? "";
        if (image.Length == 0)
        {
            errors.Required(container.FieldPath("image"));
        }
        else if (image.Trim().Length != image.Length)
        {
            errors.Invalid(container.FieldPath("image"), image, "must not have leading or trailing whitespace");
        }
    }
}
