using System.Text.Json;

namespace Modular.Plugins.ServiceRouting;

/// <summary>The plugin's configuration.</summary>
internal sealed record RoutingOptions
{
    /// <summary>The shortest time between two deltas to the same receiver; what happens meanwhile goes into one.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How often a receiver is asked again for what it could not serve.</summary>
    public TimeSpan Retry { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Reads the configuration; absent members keep their defaults.</summary>
    /// <exception cref="FormatException">A member is wrong; the message names it.</exception>
    public static RoutingOptions From(JsonElement configuration)
    {
        var options = new RoutingOptions();
        if (configuration.ValueKind != JsonValueKind.Object)
        {
            return options;
        }

        foreach (var member in configuration.EnumerateObject())
        {
            options = member.Name switch
            {
                "intervalMilliseconds" => options with { Interval = TimeSpan.FromMilliseconds(Number(member, 1, 60_000)) },
                "retrySeconds" => options with { Retry = TimeSpan.FromSeconds(Number(member, 0.1, 3600)) },
                _ => throw new FormatException($"unknown configuration member \"{member.Name}\""),
            };
        }

        return options;
    }

    private static double Number(JsonProperty member, double least, double most) =>
        member.Value.ValueKind == JsonValueKind.Number && member.Value.GetDouble() is var number && number >= least && number <= most
            ? number
            : throw new FormatException($"{member.Name} must be a number between {least} and {most}");
}
