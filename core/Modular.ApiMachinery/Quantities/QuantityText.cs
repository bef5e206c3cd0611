using System.Globalization;

namespace Modular.ApiMachinery;

/// <summary>Writes quantities canonically.</summary>
internal static class QuantityText
{
    private static readonly string[] DecimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
    private static readonly string[] BinarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

    public static string Write(Quantity quantity)
    {
        if (quantity.IsZero)
        {
            return "0";
        }

        // Small or broken amounts have no exact binary form; Kubernetes shows them decimally.
        var (units, fraction) = Int128.DivRem(quantity.Nanos, Quantity.NanosPerUnit);
        var binary = quantity.Format == QuantityFormat.BinarySI && fraction == 0 && Int128.Abs(units) >= 1024;
        return binary ? WriteBinary(units) : WriteDecimal(quantity.Nanos, quantity.Format == QuantityFormat.DecimalExponent);
    }

    private static string WriteBinary(Int128 units)
    {
        var power = 0;
        while (units % 1024 == 0 && power < BinarySuffixes.Length - 1)
        {
            units /= 1024;
            power++;
        }

        return units.ToString(CultureInfo.InvariantCulture) + BinarySuffixes[power];
    }

    private static string WriteDecimal(Int128 nanos, bool asExponent)
    {
        var thousands = 0;
        while (nanos % 1000 == 0 && thousands < DecimalSuffixes.Length - 1)
        {
            nanos /= 1000;
            thousands++;
        }

        var digits = nanos.ToString(CultureInfo.InvariantCulture);
        if (!asExponent)
        {
            return digits + DecimalSuffixes[thousands];
        }

        var exponent = (thousands - 3) * 3;
        return exponent == 0 ? digits : string.Create(CultureInfo.InvariantCulture, $"{digits}e{exponent}");
    }
}
