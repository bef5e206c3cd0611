using System.Globalization;

namespace Modular.ApiMachinery;

/// <summary>The two forms of time that objects hold: RFC 3339 in UTC, to the second or to the microsecond.</summary>
public static class KubernetesTime
{
    private const string Seconds = "yyyy-MM-dd'T'HH:mm:ss'Z'";
    private const string Micros = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";
    private const int TickDigits = 7;

    private static readonly string[] Rfc3339 = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    /// <summary>Seconds, as in creationTimestamp; fractions are cut off.</summary>
    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString(Seconds, CultureInfo.InvariantCulture);

    /// <summary>Microseconds, as in a lease's renewTime.</summary>
    public static string FormatMicro(DateTimeOffset time) => time.UtcDateTime.ToString(Micros, CultureInfo.InvariantCulture);

    /// <summary>Reads RFC 3339 with any offset and any number of decimals; those beyond 100 ns are cut off.</summary>
    public static bool TryParse(string text, out DateTimeOffset time)
    {
        var point = text.IndexOf('.');
        if (point > 0)
        {
            var decimals = text.AsSpan(point + 1).IndexOfAnyExceptInRange('0', '9');
            if (decimals > TickDigits)
            {
                text = text.Remove(point + 1 + TickDigits, decimals - TickDigits);
            }
        }

        // A time without an offset would silently become local time.
        time = default;
        return text.Length > 19
            && (text[^1] == 'Z' || text[^3] == ':')
            && DateTimeOffset.TryParseExact(text, Rfc3339, CultureInfo.InvariantCulture, DateTimeStyles.None, out time);
    }
}
