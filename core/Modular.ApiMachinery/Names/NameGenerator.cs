namespace Modular.ApiMachinery;

/// <summary>Makes the names of objects that only state a <c>generateName</c>.</summary>
public static class NameGenerator
{
    /// <summary>How many random characters a generated name ends in.</summary>
    public const int SuffixLength = 5;

    /// <summary>The longest base that is kept whole; a longer one is cut.</summary>
    public const int LongestBase = 63 - SuffixLength;

    // No vowels and nothing that looks like another character: no words arise, and names can be read aloud.
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    /// <summary>The base, cut if it is too long for a label, and five random characters.</summary>
    public static string Generate(string baseName, Random random)
    {
        var length = Math.Min(baseName.Length, LongestBase);
        return string.Create(length + SuffixLength, (baseName, length, random), static (name, state) =>
        {
            state.baseName.AsSpan(0, state.length).CopyTo(name);
            state.random.GetItems(Alphabet, name[state.length..]);
        });
    }
}
