using System.Buffers;
using System.Globalization;
using System.Numerics;

namespace Modular.ApiMachinery;

/// <summary>Reads quantities: sign, digits with an optional point, and a suffix or an exponent.</summary>
internal static class QuantityParser
{
    private const string WrongFormat =
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

    private const string WrongSuffix = "unable to parse quantity's suffix";

    // With so few digits and any suffix the amount in billionths fits 128 bits.
    private const int FewDigits = 9;

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");
    private static readonly SearchValues<char> SuffixCharacters = SearchValues.Create("eEinumkKMGTP+-0123456789");
    private static readonly BigInteger Largest = (BigInteger)long.MaxValue * Quantity.NanosPerUnit;

    public static bool TryParse(ReadOnlySpan<char> text, out Quantity quantity, out string error)
    {
        quantity = default;
        error = WrongFormat;
        var negative = text.StartsWith("-");
        var unsigned = negative || text.StartsWith("+") ? text[1..] : text;
        var length = unsigned.IndexOfAnyExcept(NumberCharacters);
        var number = length < 0 ? unsigned : unsigned[..length];
        var suffix = length < 0 ? default : unsigned[length..];
        var point = number.IndexOf('.');
        var whole = point < 0 ? number : number[..point];
        var fraction = point < 0 ? default : number[(point + 1)..];
        if (whole.Length + fraction.Length == 0 || fraction.Contains('.'))
        {
            return false;
        }

        if (!TrySuffix(suffix, out var unit, out var exponent, out var format))
        {
            error = suffix.ContainsAnyExcept(SuffixCharacters) ? WrongFormat : WrongSuffix;
            return false;
        }

        whole = whole.TrimStart('0');
        fraction = fraction.TrimEnd('0');
        var nanos = whole.Length + fraction.Length <= FewDigits && exponent is >= -9 and <= 18
            ? FewDigitsNanos(whole, fraction, unit, exponent)
            : ManyDigitsNanos(whole, fraction, unit, exponent);
        quantity = new Quantity(negative ? -nanos : nanos, format);
        error = "";
        return true;
    }

    /// <summary>The factor a suffix stands for, as binary unit times a power of ten.</summary>
    private static bool TrySuffix(ReadOnlySpan<char> suffix, out long unit, out int exponent, out QuantityFormat format)
    {
        unit = 1;
        exponent = 0;
        format = QuantityFormat.DecimalSI;
        if (suffix.Length == 2 && suffix[1] == 'i')
        {
            var power = "KMGTPE".IndexOf(suffix[0]) + 1;
            unit = 1L << (10 * power);
            format = QuantityFormat.BinarySI;
            return power > 0;
        }

        if (suffix.Length > 1 && suffix[0] is 'e' or 'E')
        {
            format = QuantityFormat.DecimalExponent;
            return int.TryParse(suffix[1..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent);
        }

        if (suffix.Length == 0)
        {
            return true;
        }

        var index = suffix.Length == 1 ? "num kMGTPE".IndexOf(suffix[0]) : -1;
        exponent = (index - 3) * 3;
        return index >= 0;
    }

    private static Int128 FewDigitsNanos(ReadOnlySpan<char> whole, ReadOnlySpan<char> fraction, long unit, int exponent)
    {
        Span<char> digits = stackalloc char[FewDigits];
        whole.CopyTo(digits);
        fraction.CopyTo(digits[whole.Length..]);
        digits = digits[..(whole.Length + fraction.Length)];
        if (digits.Length == 0)
        {
            return 0;
        }

        var value = (Int128)long.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture) * unit;
        var scale = 9 + exponent - fraction.Length;
        var nanos = scale >= 0 ? value * PowerOfTen(scale) : Quantity.DivideUp(value, PowerOfTen(-scale));
        return Int128.Min(nanos, (Int128)Largest);
    }

    private static Int128 ManyDigitsNanos(ReadOnlySpan<char> whole, ReadOnlySpan<char> fraction, long unit, int exponent)
    {
        var digits = string.Concat(whole, fraction);
        var value = digits.Length == 0 ? 0 : BigInteger.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture) * unit;
        var scale = 9L + exponent - fraction.Length;
        if (value.IsZero || scale < -10_000)
        {
            return value.IsZero ? 0 : 1;
        }

        if (scale > 40)
        {
            return (Int128)Largest;
        }

        if (scale >= 0)
        {
            return (Int128)BigInteger.Min(value * BigInteger.Pow(10, (int)scale), Largest);
        }

        var nanos = BigInteger.DivRem(value, BigInteger.Pow(10, (int)-scale), out var remainder);
        return (Int128)BigInteger.Min(remainder.IsZero ? nanos : nanos + 1, Largest);
    }

    private static Int128 PowerOfTen(int exponent)
    {
        Int128 power = 1;
        for (var i = 0; i < exponent; i++)
        {
            power *= 10;
        }

        return power;
    }
}
