using System.Text.Json;
using Modular.ApiMachinery;

namespace Modular.Plugins.RuntimeNative;

/// <summary>The plugin's configuration.</summary>
internal sealed record NativeRuntimeOptions
{
    /// <summary>Where pods' addresses come from.</summary>
    public string AddressRange { get; init; } = "127.64.0.0/10";

    /// <summary>The supervisor's program; by default the one in the plugin's own folder.</summary>
    public string Supervisor { get; init; } = Path.Combine(
        Path.GetDirectoryName(typeof(NativeRuntimeOptions).Assembly.Location) ?? "", "supervisor", "modular-supervisor");

    /// <summary>How large a container's log may grow before it is rotated.</summary>
    public long ContainerLogMaxSize { get; init; } = 10 << 20;

    /// <summary>How many files of a container's log are kept, the one that is written included.</summary>
    public int ContainerLogMaxFiles { get; init; } = 5;

    public static NativeRuntimeOptions Read(JsonElement configuration)
    {
        var options = new NativeRuntimeOptions();
        if (configuration.ValueKind != JsonValueKind.Object)
        {
            return options;
        }

        foreach (var property in configuration.EnumerateObject())
        {
            options = property.Name switch
            {
                "addressRange" => options with { AddressRange = Text(property) },
                "supervisor" => options with { Supervisor = Text(property) },
                "containerLogMaxSize" => options with { ContainerLogMaxSize = Bytes(property) },
                "containerLogMaxFiles" => options with { ContainerLogMaxFiles = Files(property) },
                _ => throw new FormatException($"runtime-native has no setting '{property.Name}'; its README lists them"),
            };
        }

        return options;
    }

    private static string Text(JsonProperty property) => property.Value.ValueKind == JsonValueKind.String
        ? property.Value.GetString()!
        : throw new FormatException($"runtime-native: {property.Name} must be a string");

    private static long Bytes(JsonProperty property) =>
        property.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number
        && Quantity.TryParse(property.Value.ToString(), out var quantity) && quantity.ToLong() > 0
            ? quantity.ToLong()
            : throw new FormatException($"runtime-native: {property.Name} must be a quantity of bytes above 0, such as 10Mi");

    private static int Files(JsonProperty property) =>
        property.Value.ValueKind == JsonValueKind.Number && property.Value.TryGetInt32(out var number) && number > 1
            ? number
            : throw new FormatException($"runtime-native: {property.Name} must be a whole number above 1: one is written, and one is kept");
}
