using System.Text.Json.Nodes;

namespace Modular.ApiFuzzer;

/// <summary>What answers have taught: requests that build on it get further than those that guess.</summary>
internal sealed class KnownState
{
    private const int Most = 64;

    private readonly List<KeyValuePair<string, JsonObject>> _objects = [];

    /// <summary>Continue tokens.</summary>
    public List<string> Tokens { get; } = [""];

    /// <summary>Revisions.</summary>
    public List<string> Revisions { get; } = ["0", "1"];

    /// <summary>Uids.</summary>
    public List<string> Uids { get; } = ["00000000-0000-0000-0000-000000000000"];

    /// <summary>Objects that were read or written, by their path.</summary>
    public IReadOnlyList<KeyValuePair<string, JsonObject>> Objects => _objects;

    /// <summary>Remembers an object or a list.</summary>
    public void Learn(string path, JsonObject answer)
    {
        Add(Tokens, answer.GetString("metadata.continue"));
        Add(Revisions, answer.GetString("metadata.resourceVersion"));
        Add(Uids, answer.GetString("metadata.uid"));
        if (answer.GetString("metadata.name") is not { Length: > 0 and < 300 } name || answer.GetString("kind") is "Status" or null)
        {
            return;
        }

        var place = path.EndsWith($"/{name}", StringComparison.Ordinal) ? path : $"{path.TrimEnd('/')}/{Uri.EscapeDataString(name)}";
        _objects.RemoveAll(known => known.Key == place);
        if (_objects.Count == Most)
        {
            _objects.RemoveAt(0);
        }

        _objects.Add(new(place, answer));
    }

    private static void Add(List<string> known, string? value)
    {
        if (string.IsNullOrEmpty(value) || known.Contains(value))
        {
            return;
        }

        if (known.Count == Most)
        {
            known.RemoveAt(1);
        }

        known.Add(value);
    }
}
