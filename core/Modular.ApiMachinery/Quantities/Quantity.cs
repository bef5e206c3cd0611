using System.Globalization;

namespace Modular.ApiMachinery;

/// <summary>
/// An amount of a resource, such as 100m CPU or 1Gi memory. Exact to a billionth and up to 2^63-1, as in Kubernetes. Equality and order
/// look at the amount only: 1Ki equals 1024.
/// </summary>
public readonly struct Quantity : IComparable<Quantity>, IEquatable<Quantity>
{
    internal const long NanosPerUnit = 1_000_000_000;
    private const long NanosPerMilli = 1_000_000;

    private readonly Int128 _nanos;

    internal Quantity(Int128 nanos, QuantityFormat format)
    {
        _nanos = nanos;
        Format = format;
    }

    /// <summary>Nothing.</summary>
    public static Quantity Zero => default;

    /// <summary>How <see cref="ToString"/> writes the amount.</summary>
    public QuantityFormat Format { get; }

    /// <summary>True for nothing.</summary>
    public bool IsZero => _nanos == 0;

    /// <summary>True for less than nothing.</summary>
    public bool IsNegative => _nanos < 0;

    internal Int128 Nanos => _nanos;

    /// <summary>A whole amount.</summary>
    public static Quantity From(long value, QuantityFormat format = QuantityFormat.DecimalSI) =>
        new((Int128)value * NanosPerUnit, format);

    /// <summary>An amount in thousandths.</summary>
    public static Quantity FromMilli(long value, QuantityFormat format = QuantityFormat.DecimalSI) =>
        new((Int128)value * NanosPerMilli, format);

    /// <summary>Reads an amount.</summary>
    /// <exception cref="FormatException">It is none, in Kubernetes' words.</exception>
    public static Quantity Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out var quantity, out var error) ? quantity : throw new FormatException(error);

    /// <summary>Reads an amount.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Quantity quantity) => TryParse(text, out quantity, out _);

    /// <summary>Reads an amount, or says what is wrong with the text.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Quantity quantity, out string error) =>
        QuantityParser.TryParse(text, out quantity, out error);

    /// <summary>In thousandths, rounded up (away from zero).</summary>
    public long ToMilli() => Saturate(DivideUp(_nanos, NanosPerMilli));

    /// <summary>In whole units, rounded up (away from zero).</summary>
    public long ToLong() => Saturate(DivideUp(_nanos, NanosPerUnit));

    /// <summary>As a floating-point number; loses precision.</summary>
    public double ToDouble() => (double)_nanos / NanosPerUnit;

    /// <inheritdoc />
    public int CompareTo(Quantity other) => _nanos.CompareTo(other._nanos);

    /// <inheritdoc />
    public bool Equals(Quantity other) => _nanos == other._nanos;

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is Quantity other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() => _nanos.GetHashCode();

    /// <summary>The canonical text: no fraction, the largest unit that allows that.</summary>
    public override string ToString() => QuantityText.Write(this);

    /// <summary>The sum, written as the left one (as the right one if the left one is zero).</summary>
    public static Quantity operator +(Quantity left, Quantity right) =>
        new(left._nanos + right._nanos, left.IsZero ? right.Format : left.Format);

    /// <summary>The difference, written as the left one (as the right one if the left one is zero).</summary>
    public static Quantity operator -(Quantity left, Quantity right) =>
        new(left._nanos - right._nanos, left.IsZero ? right.Format : left.Format);

    /// <summary>Whether the amounts are the same.</summary>
    public static bool operator ==(Quantity left, Quantity right) => left.Equals(right);

    /// <summary>Whether the amounts differ.</summary>
    public static bool operator !=(Quantity left, Quantity right) => !left.Equals(right);

    /// <summary>Whether the left amount is smaller.</summary>
    public static bool operator <(Quantity left, Quantity right) => left._nanos < right._nanos;

    /// <summary>Whether the left amount is larger.</summary>
    public static bool operator >(Quantity left, Quantity right) => left._nanos > right._nanos;

    /// <summary>Whether the left amount is not larger.</summary>
    public static bool operator <=(Quantity left, Quantity right) => left._nanos <= right._nanos;

    /// <summary>Whether the left amount is not smaller.</summary>
    public static bool operator >=(Quantity left, Quantity right) => left._nanos >= right._nanos;

    internal static Int128 DivideUp(Int128 value, Int128 divisor)
    {
        var (quotient, remainder) = Int128.DivRem(value, divisor);
        return remainder == 0 ? quotient : quotient + Int128.Sign(value);
    }

    private static long Saturate(Int128 value) => (long)Int128.Clamp(value, long.MinValue, long.MaxValue);
}
