using System.Text.Json.Nodes;
using Modular.PluginLoader;

namespace Modular.Kernel.Plugins;

/// <summary>Translates the limits of a plugin from and to JSON, and says what is wrong with some.</summary>
internal static class LimitsFormat
{
    private const long SmallestMemory = 16L << 20;
    private const long MostMemory = 1L << 50;
    private const long SmallestCpu = 10;
    private const long MostCpu = 1_000_000_000;

    /// <summary>What <see cref="Problems"/> has nothing against; null for no limits.</summary>
    public static PluginLimits Read(JsonNode? node) => node is JsonObject limits
        ? new PluginLimits { Memory = Amount(limits["memory"])?.ToLong() ?? 0, MilliCpu = Amount(limits["cpu"])?.ToMilli() ?? 0 }
        : PluginLimits.None;

    public static JsonObject? Write(PluginLimits limits)
    {
        var written = new JsonObject();
        if (limits.Memory > 0)
        {
            written["memory"] = Quantity.From(limits.Memory, QuantityFormat.BinarySI).ToString();
        }

        if (limits.MilliCpu > 0)
        {
            written["cpu"] = Quantity.FromMilli(limits.MilliCpu).ToString();
        }

        return written.Count > 0 ? written : null;
    }

    /// <summary>The members that are wrong, and what to write.</summary>
    public static IEnumerable<(string Member, JsonNode? Value, string Detail)> Problems(JsonObject limits)
    {
        foreach (var (name, value) in limits)
        {
            switch (name)
            {
                case "memory" when Amount(value)?.ToLong() is not (>= SmallestMemory and <= MostMemory):
                    yield return (name, value, "write a quantity of bytes from 16Mi to 1Pi, such as 256Mi");
                    break;
                case "cpu" when Amount(value)?.ToMilli() is not (>= SmallestCpu and <= MostCpu):
                    yield return (name, value, "write a quantity of CPUs from 10m to 1M, such as 500m");
                    break;
                case not ("memory" or "cpu"):
                    yield return (name, value, "is not known; write memory and cpu");
                    break;
            }
        }
    }

    private static Quantity? Amount(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) && Quantity.TryParse(text, out var quantity) ? quantity : null;
}
