using System.Buffers;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Modular.ApiServer;

/// <summary>
/// What an unquoted YAML scalar means: Kubernetes reads manifests by the rules of YAML 1.1, in which <c>yes</c> is true and
/// <c>0777</c> is octal, while dates stay strings.
/// </summary>
internal static class YamlScalar
{
    /// <summary>The JSON value of an unquoted scalar; null is JSON's null.</summary>
    /// <exception cref="FormatException">The value is a number JSON cannot say.</exception>
    public static JsonNode? Resolve(string text)
    {
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return null;
            case "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON" or "y" or "Y":
                return JsonValue.Create(true);
            case "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF" or "n" or "N":
                return JsonValue.Create(false);
            case ".inf" or ".Inf" or ".INF" or "+.inf" or "+.Inf" or "+.INF" or "-.inf" or "-.Inf" or "-.INF" or ".nan" or ".NaN" or ".NAN":
                throw new FormatException($"{text} is not a number in JSON");
        }

        return IsNumberStart(text[0]) ? ResolveNumber(text) ?? JsonValue.Create(text) : JsonValue.Create(text);
    }

    // What other styles cannot hold, take for the end of a line, or drop.
    private static readonly SearchValues<char> Unplain = SearchValues.Create(
        [.. Enumerable.Range(0, ' ').Where(c => c != '\n').Select(c => (char)c), '\u007f', '\u0085', '\u2028', '\u2029', '\ufeff']);

    /// <summary>Whether a string must be quoted to stay one.</summary>
    public static bool NeedsQuotes(string text) =>
        text is ".inf" or ".Inf" or ".INF" or "+.inf" or "+.Inf" or "+.INF" or "-.inf" or "-.Inf" or "-.INF" or ".nan" or ".NaN" or ".NAN" or "<<" or "="
        || Resolve(text) is not JsonValue value
        || value.GetValueKind() != System.Text.Json.JsonValueKind.String
        || IsDateStart(text)
        || text.AsSpan().ContainsAny(Unplain);

    // Readers by the rules of YAML 1.1 make a date of it.
    private static bool IsDateStart(ReadOnlySpan<char> text) =>
        text.Length >= 8 && text[4] == '-' && !text[..4].ContainsAnyExceptInRange('0', '9') && char.IsAsciiDigit(text[5]);

    private static bool IsNumberStart(char c) => char.IsAsciiDigit(c) || c is '+' or '-' or '.';

    private static JsonValue? ResolveNumber(string text)
    {
        var plain = text.Replace("_", "", StringComparison.Ordinal);
        var negative = plain.StartsWith('-');
        var digits = plain.AsSpan(negative || plain.StartsWith('+') ? 1 : 0);
        if (digits.IsEmpty)
        {
            return null;
        }

        if (TryInteger(digits, out var magnitude))
        {
            return negative
                ? magnitude <= (ulong)long.MaxValue + 1 ? JsonValue.Create(unchecked(-(long)magnitude)) : JsonValue.Create(-(double)magnitude)
                : magnitude <= long.MaxValue ? JsonValue.Create((long)magnitude) : JsonValue.Create(magnitude);
        }

        return IsFloat(digits) && double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? JsonValue.Create(number)
            : null;
    }

    private static bool TryInteger(ReadOnlySpan<char> digits, out ulong value)
    {
        value = 0;
        if (!char.IsAsciiDigit(digits[0]))
        {
            return false;
        }

        var radix = digits.Length < 2 || digits[0] != '0' ? 10
            : digits[1] is 'x' or 'X' ? 16
            : digits[1] is 'b' or 'B' ? 2
            : 8;
        var from = radix == 10 ? 0 : radix == 8 && digits[1] is not ('o' or 'O') ? 1 : 2;
        if (from == digits.Length)
        {
            return false;
        }

        foreach (var c in digits[from..])
        {
            var digit = char.IsAsciiDigit(c) ? c - '0' : char.IsAsciiHexDigit(c) ? (c | 0x20) - 'a' + 10 : 16;
            if (digit >= radix || value > (ulong.MaxValue - (ulong)digit) / (ulong)radix)
            {
                return false;
            }

            value = (value * (ulong)radix) + (ulong)digit;
        }

        return true;
    }

    // Digits with at most one point, at least one digit before an exponent.
    private static bool IsFloat(ReadOnlySpan<char> text)
    {
        var at = 0;
        var digits = CountDigits(text, ref at);
        if (at < text.Length && text[at] == '.')
        {
            at++;
            digits += CountDigits(text, ref at);
        }

        if (digits > 0 && at < text.Length && text[at] is 'e' or 'E')
        {
            at++;
            if (at < text.Length && text[at] is '+' or '-')
            {
                at++;
            }

            digits = CountDigits(text, ref at);
        }

        return digits > 0 && at == text.Length;
    }

    private static int CountDigits(ReadOnlySpan<char> text, ref int at)
    {
        var from = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }

        return at - from;
    }
}
