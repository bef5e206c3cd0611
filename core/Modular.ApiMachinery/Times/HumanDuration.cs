using System.Globalization;

namespace Modular.ApiMachinery;

/// <summary>Writes durations for people, as the AGE column of tables has them: the two largest units, and fewer the longer it is.</summary>
public static class HumanDuration
{
    /// <summary>The time between two moments.</summary>
    public static string Between(DateTimeOffset start, DateTimeOffset end) => Format(end - start);

    /// <summary>Such as 95s, 3m20s, 45m, 5h12m, 30h, 3d4h, 200d, 3y30d.</summary>
    public static string Format(TimeSpan duration)
    {
        var seconds = (long)duration.TotalSeconds;
        var minutes = seconds / 60;
        var hours = minutes / 60;
        var days = hours / 24;
        return seconds switch
        {
            // Clocks of two machines differ a little.
            < -1 => "<invalid>",
            < 0 => "0s",
            < 120 => Unit(seconds, "s"),
            _ when minutes < 10 => Units(minutes, "m", seconds % 60, "s"),
            _ when minutes < 180 => Unit(minutes, "m"),
            _ when hours < 8 => Units(hours, "h", minutes % 60, "m"),
            _ when hours < 48 => Unit(hours, "h"),
            _ when days < 8 => Units(days, "d", hours % 24, "h"),
            _ when days < 365 * 2 => Unit(days, "d"),
            _ when days < 365 * 8 => Units(days / 365, "y", days % 365, "d"),
            _ => Unit(days / 365, "y"),
        };
    }

    private static string Unit(long count, string unit) => count.ToString(CultureInfo.InvariantCulture) + unit;

    private static string Units(long large, string largeUnit, long small, string smallUnit) =>
        small == 0 ? Unit(large, largeUnit) : Unit(large, largeUnit) + Unit(small, smallUnit);
}
