using System.Text.Json;

namespace Modular.Plugins.StoreEmbedded;

/// <summary>What can be configured.</summary>
internal sealed record StoreSettings
{
    private const string Known = "segmentBytes, snapshotBytes, maxValueBytes, historyRevisions, historyBytes, historyMinutes";

    /// <summary>The size of a log file.</summary>
    public long SegmentBytes { get; init; } = 64 << 20;

    /// <summary>How many bytes of log are written, at least, between two snapshots.</summary>
    public long SnapshotBytes { get; init; } = 64 << 20;

    /// <summary>The largest value.</summary>
    public int MaxValueBytes { get; init; } = 4 << 20;

    /// <summary>How many revisions can be watched from and read back.</summary>
    public long HistoryRevisions { get; init; } = 100_000;

    /// <summary>How many bytes of values the history may hold.</summary>
    public long HistoryBytes { get; init; } = 64 << 20;

    /// <summary>How long revisions can be watched from and read back.</summary>
    public int HistoryMinutes { get; init; } = 60;

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
                "segmentBytes" => settings with { SegmentBytes = Number(field, 1 << 20, 1 << 30) },
                "snapshotBytes" => settings with { SnapshotBytes = Number(field, 1 << 20, 1L << 40) },
                "maxValueBytes" => settings with { MaxValueBytes = (int)Number(field, 1 << 10, 256 << 20) },
                "historyRevisions" => settings with { HistoryRevisions = Number(field, 100, 100_000_000) },
                "historyBytes" => settings with { HistoryBytes = Number(field, 1 << 20, 1L << 40) },
                "historyMinutes" => settings with { HistoryMinutes = (int)Number(field, 1, 60 * 24 * 30) },
                _ => throw new ArgumentException($"configuration.{field.Name} is unknown; known are {Known}"),
            };
        }

        return settings.MaxValueBytes <= settings.SegmentBytes / 2
            ? settings
            : throw new ArgumentException(
                $"configuration.maxValueBytes is {settings.MaxValueBytes}; use at most half of segmentBytes, which is {settings.SegmentBytes}");
    }

    private static long Number(JsonProperty field, long least, long most) =>
        field.Value.ValueKind == JsonValueKind.Number && field.Value.TryGetInt64(out var value) && value >= least && value <= most
            ? value
            : throw new ArgumentException($"configuration.{field.Name} is {field.Value}; use a whole number from {least} to {most}");
}
