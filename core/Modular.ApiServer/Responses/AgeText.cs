namespace Modular.ApiServer;

/// <summary>Writes a duration as tables show ages: the two largest units for short spans, one for long ones.</summary>
internal static class AgeText
{
    /// <summary>The age, such as <c>45s</c>, <c>2m30s</c>, <c>5h12m</c>, <c>3d4h</c> or <c>2y10d</c>.</summary>
    public static string Of(TimeSpan age)
    {
        var seconds = (long)Math.Floor(age.TotalSeconds);
        if (seconds < -1)
        {
            return "<invalid>";
        }

        return seconds switch
        {
            < 0 => "0s",
            < 2 * 60 => $"{seconds}s",
            < 10 * 60 => Two(seconds / 60, "m", seconds % 60, "s"),
            < 3 * 3600 => $"{seconds / 60}m",
            < 8 * 3600 => Two(seconds / 3600, "h", seconds / 60 % 60, "m"),
            < 48 * 3600 => $"{seconds / 3600}h",
            < 8 * 86400 => Two(seconds / 86400, "d", seconds / 3600 % 24, "h"),
            < 2 * 365 * 86400L => $"{seconds / 86400}d",
            < 8 * 365 * 86400L => Two(seconds / 86400 / 365, "y", seconds / 86400 % 365, "d"),
            _ => $"{seconds / 86400 / 365}y",
        };
    }

    private static string Two(long large, string largeUnit, long small, string smallUnit) =>
        small == 0 ? $"{large}{largeUnit}" : $"{large}{largeUnit}{small}{smallUnit}";
}
