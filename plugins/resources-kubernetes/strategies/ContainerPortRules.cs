using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>What must hold in the ports of one container.</summary>
internal static class ContainerPortRules
{
    public static void Validate(JsonObject container, FieldErrors errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var port in container.Objects("ports"))
        {
            if (port.GetString("name") is { Length: > 0 } name)
            {
                errors.InvalidAll(port, "name", name, NameRules.PortName(name));
                if (!names.Add(name))
                {
                    errors.Duplicate(port.FieldPath("name"), name);
                }
            }

            ValidateNumbers(port, errors);
        }
    }

    private static void ValidateNumbers(JsonObject port, FieldErrors errors)
    {
        if (port.GetInt64("containerPort") is 0)
        {
            errors.Required(port.FieldPath("containerPort"));
        }
        else if (port.GetInt64("containerPort") is { } number)
        {
            errors.InvalidAll(port, "containerPort", number, NameRules.PortNumber(number));
        }

        if (port.GetInt64("hostPort") is { } hostPort and not 0)
        {
            errors.InvalidAll(port, "hostPort", hostPort, NameRules.PortNumber(hostPort));
        }
    }
}
