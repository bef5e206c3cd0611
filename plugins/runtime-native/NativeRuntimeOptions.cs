using System.Text.Json;

namespace Modular.Plugins.RuntimeNative;

/// <summary>The plugin's configuration.</summary>
internal sealed record NativeRuntimeOptions
{
    /// <summary>Where pods' addresses come from.</summary>
    public string AddressRange { get; init; } = "127.64.0.0/10";

    /// <summary>The supervisor's program; by default the one in the plugin's own folder.</summary>
    public string Supervisor { get; init; } = Path.Combine(
        Path.GetDirectoryName(typeof(NativeRuntimeOptions).Assembly.Location) ?? "", "supervisor", "modular-supervisor");

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
                _ => throw new FormatException($"runtime-native has no setting '{property.Name}'; it has addressRange and supervisor"),
            };
        }

        return options;
    }

    private static string Text(JsonProperty property) => property.Value.ValueKind == JsonValueKind.String
        ? property.Value.GetString()!
        : throw new FormatException($"runtime-native: {property.Name} must be a string");
}
