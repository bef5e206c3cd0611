using System.Text.Json.Nodes;
using Modular.PluginLoader;

namespace Modular.Kernel.Plugins;

/// <summary>Translates the limits of a plugin from and to JSON, and says what is wrong with some.</summary>
internal static class LimitsFormat
{
    private const long Smallest = 16L << 20;

    /// <summary>What <see cref="Problems"/> has nothing against; null for no limits.</summary>
    public static PluginLimits Read(JsonNode? node) =>
        node is JsonObject limits && limits["memory"] is { } memory ? new PluginLimits { Memory = Bytes(memory) ?? 0 } : PluginLimits.None;

    public static JsonObject? Write(PluginLimits limits) =>
        limits.Memory == 0 ? null : new JsonObject { ["memory"] = Quantity.From(limits.Memory, QuantityFormat.BinarySI).ToString() };

    /// <summary>The members that are wrong, and what to write.</summary>
    public static IEnumerable<(string Member, JsonNode? Value, string Detail)> Problems(JsonObject limits)
    {
        foreach (var (name, value) in limits)
        {
            if (name != "memory")
            {
                yield return (name, value, "is not known; write memory");
            }
            else if (Bytes(value) is not >= Smallest)
            {
                yield return (name, value, "write a quantity of bytes from 16Mi up, such as 256Mi");
            }
        }
    }

    private static long? Bytes(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) && Quantity.TryParse(text, out var quantity) ? quantity.ToLong() : null;
}
