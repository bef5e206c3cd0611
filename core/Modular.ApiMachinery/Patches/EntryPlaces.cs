using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>Where entries of a list are first, by what tells them apart.</summary>
internal sealed class EntryPlaces
{
    // Below this, looking through all is cheaper than hashing.
    private const int FewEntries = 16;

    private readonly List<JsonNode?> _identities;
    private Dictionary<EntryIdentity, int>? _places;

    public EntryPlaces(List<JsonNode?> identities)
    {
        _identities = identities;
        if (identities.Count > FewEntries)
        {
            Index();
        }
    }

    /// <summary>The place of an entry; -1 if it is nowhere.</summary>
    public int Of(JsonNode? identity)
    {
        if (_places is not null)
        {
            return _places.GetValueOrDefault(new EntryIdentity(identity), -1);
        }

        for (var i = 0; i < _identities.Count; i++)
        {
            if (ListEntries.ScalarsEqual(_identities[i], identity))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Appends an entry.</summary>
    public void Add(JsonNode? identity)
    {
        _identities.Add(identity);
        if (_places is not null)
        {
            _places.TryAdd(new EntryIdentity(identity), _identities.Count - 1);
        }
        else if (_identities.Count > FewEntries)
        {
            Index();
        }
    }

    private void Index()
    {
        _places = new Dictionary<EntryIdentity, int>(_identities.Count);
        for (var i = 0; i < _identities.Count; i++)
        {
            _places.TryAdd(new EntryIdentity(_identities[i]), i);
        }
    }
}
