using System.Text.Json;

namespace Modular.Plugins.Controllers;

/// <summary>The plugin's configuration.</summary>
internal sealed record ControllersOptions
{
    /// <summary>Names of controllers that do not run.</summary>
    public IReadOnlySet<string> Disabled { get; init; } = new HashSet<string>();

    /// <summary>How long a node may be silent before it counts as unreachable.</summary>
    public TimeSpan NodeGrace { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>How long a node must be gone before its pods are removed.</summary>
    public TimeSpan AbsentNodeGrace { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>Reads the configuration; absent members keep their defaults.</summary>
    /// <exception cref="FormatException">A member is wrong; the message names it.</exception>
    public static ControllersOptions From(JsonElement configuration)
    {
        var options = new ControllersOptions();
        if (configuration.ValueKind != JsonValueKind.Object)
        {
            return options;
        }

        foreach (var member in configuration.EnumerateObject())
        {
            options = member.Name switch
            {
                "disabled" => options with { Disabled = Names(member) },
                "nodeGraceSeconds" => options with { NodeGrace = Seconds(member) },
                "absentNodeGraceSeconds" => options with { AbsentNodeGrace = Seconds(member) },
                _ => throw new FormatException($"unknown configuration member \"{member.Name}\""),
            };
        }

        return options;
    }

    private static HashSet<string> Names(JsonProperty member) => member.Value.ValueKind == JsonValueKind.Array
        ? [.. member.Value.EnumerateArray().Select(e => e.GetString() ?? "")]
        : throw new FormatException($"{member.Name} must be a list of names");

    private static TimeSpan Seconds(JsonProperty member) =>
        member.Value.ValueKind == JsonValueKind.Number && member.Value.GetDouble() is > 0 and < 86_400 and var seconds
            ? TimeSpan.FromSeconds(seconds)
            : throw new FormatException($"{member.Name} must be a number of seconds above 0");
}
