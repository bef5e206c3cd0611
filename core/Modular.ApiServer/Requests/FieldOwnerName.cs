using System.Globalization;
using System.Text;

namespace Modular.ApiServer;

/// <summary>The name under which a client owns fields.</summary>
internal static class FieldOwnerName
{
    public const int MostBytes = 128;

    /// <summary>The name of a client that gives none: its User-Agent up to the version, as far as it is printable.</summary>
    public static string Of(string userAgent)
    {
        var slash = userAgent.IndexOf('/');
        var name = slash < 0 ? userAgent.AsSpan() : userAgent.AsSpan(0, slash);
        if (name.Length <= MostBytes && name.IndexOfAnyExceptInRange(' ', '~') < 0)
        {
            return name.ToString();
        }

        var (kept, bytes) = (new StringBuilder(), 0);
        foreach (var rune in name.EnumerateRunes())
        {
            if (!IsPrintable(rune))
            {
                continue;
            }

            bytes += rune.Utf8SequenceLength;
            if (bytes > MostBytes)
            {
                break;
            }

            kept.Append(rune.ToString());
        }

        return kept.ToString();
    }

    /// <summary>Says what is wrong with a name that a client gives itself.</summary>
    public static void Validate(string name, FieldErrors errors)
    {
        if (Encoding.UTF8.GetByteCount(name) > MostBytes)
        {
            errors.TooLong("fieldManager", MostBytes);
        }

        var at = 0;
        foreach (var rune in name.EnumerateRunes())
        {
            if (!IsPrintable(rune))
            {
                errors.Invalid("fieldManager", name, $"invalid character U+{rune.Value:X4} (at position {at})");
            }

            at += rune.Utf8SequenceLength;
        }
    }

    /// <summary>Whether nothing is wrong with a name.</summary>
    public static bool IsValid(string name) => name.Length <= MostBytes && name.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0;

    private static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
