using System.Globalization;

namespace Modular.Plugins.ResourcesKubernetes.Schemas;

/// <summary>Where the fields of one type stand in its protobuf message. Lines of fields hold numbers, lines of inline messages those of the fields in them.</summary>
internal sealed class FieldPlaces
{
    private readonly Dictionary<string, IReadOnlyList<int>> _places = new(StringComparer.Ordinal);

    /// <param name="type">The type's name, whose package messages are looked up in.</param>
    /// <param name="lines">Its lines.</param>
    /// <param name="linesOf">The lines of another type.</param>
    public FieldPlaces(string type, IReadOnlyList<TableLine> lines, Func<string, IReadOnlyList<TableLine>> linesOf)
    {
        var package = type[..(type.LastIndexOf('.') + 1)];
        foreach (var line in lines)
        {
            if (line[0] == "inline")
            {
                AddInline(line, [], package, linesOf);
            }
            else if (line.Place is { } number)
            {
                _places[line[0]] = [number];
            }
        }
    }

    /// <summary>The place of a field; empty if it has none.</summary>
    public IReadOnlyList<int> Of(string field) => _places.GetValueOrDefault(field) ?? [];

    // inline NAME #NUMBER:MESSAGE FIELD#NUMBER... where a field may be an inline message of MESSAGE itself.
    private void AddInline(TableLine line, int[] before, string package, Func<string, IReadOnlyList<TableLine>> linesOf)
    {
        int[] path = [.. before, line.Place!.Value];
        var message = line[2][(line[2].IndexOf(':') + 1)..];
        foreach (var word in line.Words(from: 3))
        {
            var hash = word.IndexOf('#');
            var (name, number) = (word[..hash], int.Parse(word.AsSpan(hash + 1), CultureInfo.InvariantCulture));
            _places[name] = [.. path, number];
            foreach (var inner in linesOf(package + message))
            {
                if (inner[0] == "inline" && inner[1] == name)
                {
                    AddInline(inner, path, package, linesOf);
                }
            }
        }
    }
}
