using System.Text.Json;

namespace Modular.Plugins.Scheduling;

/// <summary>The plugin's configuration.</summary>
internal sealed record SchedulingOptions
{
    /// <summary>Pods with this schedulerName are placed.</summary>
    public string SchedulerName { get; init; } = "default-scheduler";

    /// <summary>How many pods a scheduler gets at once.</summary>
    public int BatchSize { get; init; } = 256;

    /// <summary>How many bindings are on their way to the API at a time.</summary>
    public int BindingsInFlight { get; init; } = 64;

    /// <summary>The first wait of a pod that was refused twice or whose binding failed; doubled each time.</summary>
    public TimeSpan FirstBackOff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait of a pod that fits nowhere.</summary>
    public TimeSpan LongestBackOff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Given to schedulers for whatever is random.</summary>
    public int Seed { get; init; }

    /// <summary>How long the live scheduler may take for a batch; past that its session is given up and another opened.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a candidate may take for a batch; one that takes longer is rolled back.</summary>
    public TimeSpan TrialDeadline { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A candidate that has failed for so many of the pods, in percent, and several times, is rolled back.</summary>
    public double TrialFailurePercent { get; init; } = 5;

    /// <summary>Placed pods whose binding is not confirmed; beyond that the next batch waits.</summary>
    public int MostOutstanding => Math.Max(BatchSize, 4 * BindingsInFlight);

    /// <summary>Reads the configuration; absent members keep their defaults.</summary>
    /// <exception cref="FormatException">A member is wrong; the message names it.</exception>
    public static SchedulingOptions From(JsonElement configuration)
    {
        var options = new SchedulingOptions();
        if (configuration.ValueKind != JsonValueKind.Object)
        {
            return options;
        }

        foreach (var member in configuration.EnumerateObject())
        {
            options = member.Name switch
            {
                "schedulerName" => options with { SchedulerName = Text(member) },
                "batchSize" => options with { BatchSize = (int)Number(member, 1, 10_000) },
                "bindingsInFlight" => options with { BindingsInFlight = (int)Number(member, 1, 1_000) },
                "firstBackOffSeconds" => options with { FirstBackOff = TimeSpan.FromSeconds(Number(member, 0.001, 3600)) },
                "longestBackOffSeconds" => options with { LongestBackOff = TimeSpan.FromSeconds(Number(member, 0.001, 3600)) },
                "deadlineSeconds" => options with { Deadline = TimeSpan.FromSeconds(Number(member, 0.001, 3600)) },
                "trialDeadlineSeconds" => options with { TrialDeadline = TimeSpan.FromSeconds(Number(member, 0.001, 3600)) },
                "trialFailurePercent" => options with { TrialFailurePercent = Number(member, 0, 100) },
                "seed" => options with { Seed = (int)Number(member, int.MinValue, int.MaxValue) },
                _ => throw new FormatException($"unknown configuration member \"{member.Name}\""),
            };
        }

        return options;
    }

    private static string Text(JsonProperty member) => member.Value.ValueKind == JsonValueKind.String && member.Value.GetString() is { Length: > 0 } text
        ? text
        : throw new FormatException($"{member.Name} must be a text");

    private static double Number(JsonProperty member, double least, double most) =>
        member.Value.ValueKind == JsonValueKind.Number && member.Value.GetDouble() is var number && number >= least && number <= most
            ? number
            : throw new FormatException($"{member.Name} must be a number between {least} and {most}");
}
