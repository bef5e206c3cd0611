using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>The entries of a set or map-like list by what tells them apart. Some lists hold entries that nothing tells apart.</summary>
internal sealed class ListEntryIndex
{
    // Below this, looking through all is cheaper than hashing.
    private const int FewEntries = 8;

    private readonly PathElement[] _elements;
    private readonly Dictionary<PathElement, (int First, int Count)>? _places;

    public ListEntryIndex(JsonArray? list, Schema schema)
    {
        _elements = list is null ? [] : new PathElement[list.Count];
        for (var i = 0; i < _elements.Length; i++)
        {
            _ = PathElement.TryOf(list![i], schema, out _elements[i]);
        }

        if (_elements.Length > FewEntries)
        {
            _places = new Dictionary<PathElement, (int, int)>(_elements.Length);
            for (var i = 0; i < _elements.Length; i++)
            {
                _places[_elements[i]] = _places.TryGetValue(_elements[i], out var place) ? (place.First, place.Count + 1) : (i, 1);
            }
        }
    }

    public int Count => _elements.Length;

    public PathElement this[int place] => _elements[place];

    /// <summary>Where an entry is first; -1 if it is nowhere.</summary>
    public int FirstOf(PathElement element) =>
        _places is null ? Array.IndexOf(_elements, element) : _places.TryGetValue(element, out var place) ? place.First : -1;

    /// <summary>The entry of the list that is the same as this one, or null.</summary>
    public JsonNode? FindSame(JsonArray list, JsonNode? entry, Schema schema) =>
        PathElement.TryOf(entry, schema, out var element) && FirstOf(element) is var place and >= 0 ? list[place] : null;

    public bool IsTwice(PathElement element)
    {
        if (_places is not null)
        {
            return _places.TryGetValue(element, out var place) && place.Count > 1;
        }

        var first = Array.IndexOf(_elements, element);
        return first >= 0 && Array.IndexOf(_elements, element, first + 1) >= 0;
    }

    /// <summary>All entries that are this one.</summary>
    public IEnumerable<int> AllOf(PathElement element)
    {
        for (var i = 0; i < _elements.Length; i++)
        {
            if (_elements[i] == element)
            {
                yield return i;
            }
        }
    }
}
