using System.Globalization;

namespace Modular.Plugins.ResourcesKubernetes.Schemas;

/// <summary>One line of the table: words, of which some are flags and some are name=value.</summary>
internal readonly struct TableLine(string text)
{
    private readonly string[] _words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Lines of the table that say something, with whether they are indented (and so belong to the line before).</summary>
    public static IEnumerable<(bool Indented, TableLine Line)> Read(string table)
    {
        foreach (var line in table.Split('\n'))
        {
            if (line.Length > 0 && line[0] != '#')
            {
                yield return (line[0] == ' ', new TableLine(line));
            }
        }
    }

    /// <summary>A word by its place.</summary>
    public string this[int index] => _words[index];

    /// <summary>The words from one on.</summary>
    public ReadOnlySpan<string> Words(int from) => _words.AsSpan(from);

    /// <summary>The protobuf number of the third word, <c>#number:type</c>; null if there is none.</summary>
    public int? Place => _words.Length > 2 && _words[2][0] == '#'
        ? int.Parse(_words[2].AsSpan(1, _words[2].IndexOf(':') - 1), CultureInfo.InvariantCulture)
        : null;

    /// <summary>Whether a flag is set behind the first word, which is a name: there are fields that are called as flags are.</summary>
    public bool Has(string flag) => Array.IndexOf(_words, flag, 1) >= 0;

    /// <summary>The value of name=value; null if it is not there.</summary>
    public string? Value(string name)
    {
        foreach (var word in _words)
        {
            if (word.Length > name.Length && word[name.Length] == '=' && word.StartsWith(name, StringComparison.Ordinal))
            {
                return word[(name.Length + 1)..];
            }
        }

        return null;
    }

    /// <summary>The comma-separated values of name=value; empty if it is not there.</summary>
    public string[] Values(string name) => Value(name)?.Split(',') ?? [];
}
