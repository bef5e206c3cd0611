using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>What must hold in the ports of a service.</summary>
internal static class ServicePortRules
{
    public static void Validate(JsonObject spec, FieldErrors errors)
    {
        var ports = spec.Objects("ports").ToList();
        if (ports.Count == 0 && spec.GetString("type") != "ExternalName" && spec.GetString("clusterIP") != "None")
        {
            errors.Required("spec.ports");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        var numbers = new HashSet<(long, string)>();
        var nodePorts = new HashSet<(long, string)>();
        foreach (var port in ports)
        {
            ValidateName(port, required: ports.Count > 1, names, errors);
            ValidateTarget(port, errors);
            ValidateNodePort(port, spec, nodePorts, errors);
            if (port.GetInt64("port") is not { } number)
            {
                continue;
            }

            errors.InvalidAll(port, "port", number, NameRules.PortNumber(number));
            var protocol = port.GetString("protocol") ?? "TCP";
            if (!numbers.Add((number, protocol)))
            {
                errors.Duplicate(JsonPaths.PathOf(port), new JsonObject { ["protocol"] = protocol, ["port"] = number });
            }
        }
    }

    private static void ValidateName(JsonObject port, bool required, HashSet<string> names, FieldErrors errors)
    {
        var name = port.GetString("name") ?? "";
        if (name.Length == 0)
        {
            if (required)
            {
                errors.Required(port.FieldPath("name"));
            }

            return;
        }

        errors.InvalidAll(port, "name", name, NameRules.Dns1123Label(name));
        if (!names.Add(name))
        {
            errors.Duplicate(port.FieldPath("name"), name);
        }
    }

    private static void ValidateTarget(JsonObject port, FieldErrors errors)
    {
        if (port["targetPort"].AsInt64() is { } number)
        {
            errors.InvalidAll(port, "targetPort", number, NameRules.PortNumber(number));
        }
        else if (port["targetPort"].AsString() is { } name)
        {
            errors.InvalidAll(port, "targetPort", name, NameRules.PortName(name));
        }
    }

    private static void ValidateNodePort(JsonObject port, JsonObject spec, HashSet<(long, string)> others, FieldErrors errors)
    {
        if (port.GetInt64("nodePort") is not { } number || number == 0)
        {
            return;
        }

        if (!NodePortRules.AreAllowed(spec))
        {
            errors.Forbidden(port.FieldPath("nodePort"), $"may not be used when `type` is '{spec.GetString("type")}'");
        }
        else if (!others.Add((number, port.GetString("protocol") ?? "TCP")))
        {
            errors.Duplicate(port.FieldPath("nodePort"), number);
        }
    }
}
