using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>The ports of its node that a pod asks for: no two containers can have the same.</summary>
internal static class HostPortRules
{
    public static void Validate(JsonObject spec, FieldErrors errors)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var hostNetwork = spec.GetBoolean("hostNetwork") is true;
        foreach (var container in spec.Objects("containers"))
        {
            foreach (var port in container.Objects("ports"))
            {
                var hostPort = port.GetInt64("hostPort") ?? 0;
                if (hostNetwork && port.GetInt64("containerPort") is { } number && number != hostPort)
                {
                    errors.Invalid(port.FieldPath("containerPort"), number, "must match `hostPort` when `hostNetwork` is true");
                }

                var key = $"{port.GetString("protocol") ?? "TCP"}/{port.GetString("hostIP")}/{hostPort}";
                if (hostPort != 0 && !taken.Add(key))
                {
                    errors.Duplicate(port.FieldPath("hostPort"), key);
                }
            }
        }
    }
}
