using System.Text.Json;

namespace Modular.Plugins.RuntimeSimulated;

/// <summary>The plugin's configuration.</summary>
internal sealed record SimulatedRuntimeOptions
{
    /// <summary>Where pods' addresses come from.</summary>
    public string AddressRange { get; init; } = "127.64.0.0/10";

    /// <summary>How containers live; of the rules that match a container, the first for each state holds.</summary>
    public IReadOnlyList<LifeRule> Lives { get; init; } = [];

    /// <exception cref="FormatException">A setting is unknown or has a value of the wrong kind.</exception>
    public static SimulatedRuntimeOptions Read(JsonElement configuration)
    {
        var options = new SimulatedRuntimeOptions();
        if (configuration.ValueKind != JsonValueKind.Object)
        {
            return options;
        }

        foreach (var property in configuration.EnumerateObject())
        {
            options = property.Name switch
            {
                "addressRange" when property.Value.ValueKind == JsonValueKind.String => options with { AddressRange = property.Value.GetString()! },
                "addressRange" => throw new FormatException("runtime-simulated: addressRange must be a string"),
                "lives" when property.Value.ValueKind == JsonValueKind.Array =>
                    options with { Lives = [.. property.Value.EnumerateArray().Select((rule, index) => LifeRule.Read(rule, $"lives[{index}]"))] },
                "lives" => throw new FormatException("runtime-simulated: lives must be a list of rules"),
                _ => throw new FormatException($"runtime-simulated has no setting '{property.Name}'; its README lists them"),
            };
        }

        return options;
    }
}
