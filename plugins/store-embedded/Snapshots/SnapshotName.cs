using System.Globalization;

namespace Modular.Plugins.StoreEmbedded.Snapshots;

/// <summary>The names of snapshots: <c>snapshot-REVISION</c>.</summary>
internal static class SnapshotName
{
    /// <summary>A snapshot that is not whole yet.</summary>
    public const string Unfinished = "writing-snapshot";

    private const string Prefix = "snapshot-";

    public static string Of(long revision) => Prefix + revision.ToString("d20", CultureInfo.InvariantCulture);

    public static bool TryParse(string name, out long revision)
    {
        revision = 0;
        return name.StartsWith(Prefix, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out revision);
    }
}
