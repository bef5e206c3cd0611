using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>What must hold in a pod's spec, be it a pod's own or a template's. Errors name the fields by where the spec stands.</summary>
internal static class PodSpecRules
{
    public static void Validate(JsonObject spec, FieldErrors errors)
    {
        if (spec.GetArray("containers") is { Count: 0 })
        {
            errors.Required(spec.FieldPath("containers"));
        }

        var volumes = VolumeRules.Validate(spec, errors);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var container in spec.Objects("containers"))
        {
            ContainerRules.Validate(container, names, volumes, isInit: false, errors);
        }

        foreach (var container in spec.Objects("initContainers"))
        {
            ContainerRules.Validate(container, names, volumes, isInit: true, errors);
        }

        HostPortRules.Validate(spec, errors);
        Check(spec, "nodeName", NameRules.Dns1123Subdomain, errors);
        Check(spec, "hostname", NameRules.Dns1123Label, errors);
        Check(spec, "subdomain", NameRules.Dns1123Label, errors);
        Check(spec, "serviceAccountName", NameRules.Dns1123Subdomain, errors);
        Check(spec, "priorityClassName", NameRules.Dns1123Subdomain, errors);
        ValidateNodeSelector(spec, errors);
        TolerationRules.Validate(spec, errors);
        DnsConfigRules.Validate(spec, errors);
        if (spec.GetInt64("activeDeadlineSeconds") is { } deadline and (< 1 or > int.MaxValue))
        {
            errors.Invalid(spec.FieldPath("activeDeadlineSeconds"), deadline, "must be between 1 and 2147483647, inclusive");
        }
    }

    private static void Check(JsonObject spec, string field, Func<string, IReadOnlyList<string>> rule, FieldErrors errors)
    {
        if (spec.GetString(field) is { Length: > 0 } value)
        {
            errors.InvalidAll(spec, field, value, rule(value));
        }
    }

    private static void ValidateNodeSelector(JsonObject spec, FieldErrors errors)
    {
        foreach (var (key, value) in spec.GetStringMap("nodeSelector"))
        {
            errors.InvalidAll(spec, "nodeSelector", key, NameRules.QualifiedName(key));
            errors.InvalidAll(spec, "nodeSelector", value, NameRules.LabelValue(value));
        }
    }
}
