using System.Globalization;

namespace Modular.ApiServer;

/// <summary>Orders API versions: v2 before v1 before v1beta2 before v1alpha1 before anything else.</summary>
internal readonly record struct VersionRank(int Stability, int Major, int Minor) : IComparable<VersionRank>
{
    public static VersionRank Of(string version)
    {
        var rest = version.AsSpan();
        if (!rest.StartsWith("v") || !TakeNumber(rest[1..], out var major, out rest))
        {
            return default;
        }

        if (rest.IsEmpty)
        {
            return new VersionRank(3, major, 0);
        }

        var beta = rest.StartsWith("beta");
        if (!beta && !rest.StartsWith("alpha"))
        {
            return default;
        }

        return TakeNumber(rest[(beta ? 4 : 5)..], out var minor, out rest) && rest.IsEmpty ? new VersionRank(beta ? 2 : 1, major, minor) : default;
    }

    public int CompareTo(VersionRank other) => (Stability, Major, Minor).CompareTo((other.Stability, other.Major, other.Minor));

    private static bool TakeNumber(ReadOnlySpan<char> text, out int number, out ReadOnlySpan<char> rest)
    {
        var end = text.IndexOfAnyExceptInRange('0', '9');
        rest = end < 0 ? default : text[end..];
        return int.TryParse(end < 0 ? text : text[..end], NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
