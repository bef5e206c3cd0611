using System.Globalization;

namespace Modular.Plugins.StoreEmbedded.Log;

/// <summary>The names of log files: <c>log-GENERATION</c> is part of the log, <c>spare-GENERATION</c> was and waits to be used again.</summary>
internal static class SegmentName
{
    /// <summary>A new file that is being filled with zeroes.</summary>
    public const string Unfinished = "preparing";

    private const string LogPrefix = "log-";
    private const string SparePrefix = "spare-";

    public static string OfLog(long generation) => LogPrefix + generation.ToString("d16", CultureInfo.InvariantCulture);

    public static string OfSpare(long generation) => SparePrefix + generation.ToString("d16", CultureInfo.InvariantCulture);

    public static bool TryParseLog(string name, out long generation) => TryParse(name, LogPrefix, out generation);

    public static bool TryParseSpare(string name, out long generation) => TryParse(name, SparePrefix, out generation);

    private static bool TryParse(string name, string prefix, out long generation)
    {
        generation = 0;
        return name.StartsWith(prefix, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out generation);
    }
}
