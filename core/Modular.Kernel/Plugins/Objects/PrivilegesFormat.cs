using System.Text.Json.Nodes;
using Modular.PluginLoader;

namespace Modular.Kernel.Plugins;

/// <summary>Translates host privileges from and to JSON, and says what is wrong with some.</summary>
internal static class PrivilegesFormat
{
    /// <summary>What <see cref="Problems"/> has nothing against; null if nothing is said.</summary>
    public static HostPrivileges? Read(JsonNode? node) => node is JsonArray names
        ? names.Aggregate(HostPrivileges.None, (all, name) => TryRead(name, out var privilege) ? all | privilege : all)
        : null;

    public static JsonArray Write(HostPrivileges privileges) => [.. privileges.Names.Select(name => (JsonNode)name)];

    /// <summary>The names that are wrong, and what to write.</summary>
    public static IEnumerable<(int Index, JsonNode? Value, string Detail)> Problems(JsonArray names)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (!TryRead(names[i], out _))
            {
                yield return (i, names[i], HostPrivileges.Hint);
            }
        }
    }

    private static bool TryRead(JsonNode? node, out HostPrivileges privilege)
    {
        privilege = HostPrivileges.None;
        return node is JsonValue value && value.TryGetValue<string>(out var name) && HostPrivileges.TryParse(name, out privilege);
    }
}
