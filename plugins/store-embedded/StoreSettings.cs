using System.Text.Json;

namespace Modular.Plugins.StoreEmbedded;

/// <summary>What can be configured.</summary>
internal sealed record StoreSettings
{
    /// <summary>The size of a log file; the largest value must fit into one.</summary>
    public long SegmentBytes { get; init; } = 16 << 20;

    /// <summary>How many bytes of log are written between two snapshots.</summary>
    public long SnapshotBytes { get; init; } = 64 << 20;

    /// <summary>How many changes can be watched from and read back.</summary>
    public int HistoryChanges { get; init; } = 20_000;

    /// <summary>How many bytes of values the history may hold.</summary>
    public long HistoryBytes { get; init; } = 32 << 20;

    /// <summary>The largest value; the contract's limit for one write.</summary>
    public long MaxValueBytes => SegmentBytes / 4;

    /// <summary>Reads the plugin's configuration.</summary>
    /// <exception cref="ArgumentException">A field is unknown or out of range; the message names it.</exception>
    public static StoreSettings Read(JsonElement configuration)
    {
        var settings = new StoreSettings();
        if (configuration.ValueKind != JsonValueKind.Object)
        {
            return settings;
        }

        foreach (var field in configuration.EnumerateObject())
        {
            settings = field.Name switch
            {
                "segmentBytes" => settings with { SegmentBytes = Number(field, 64 << 10, 1 << 30) },
                "snapshotBytes" => settings with { SnapshotBytes = Number(field, 64 << 10, 1L << 40) },
                "historyChanges" => settings with { HistoryChanges = (int)Number(field, 100, 100_000_000) },
                "historyBytes" => settings with { HistoryBytes = Number(field, 1 << 20, 1L << 40) },
                _ => throw new ArgumentException($"configuration.{field.Name} is unknown; known are segmentBytes, snapshotBytes, historyChanges, historyBytes"),
            };
        }

        return settings;
    }

    private static long Number(JsonProperty field, long least, long most) =>
        field.Value.ValueKind == JsonValueKind.Number && field.Value.TryGetInt64(out var value) && value >= least && value <= most
            ? value
            : throw new ArgumentException($"configuration.{field.Name} is {field.Value}; use a whole number from {least} to {most}");
}
