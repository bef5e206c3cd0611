using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Modular.ApiMachinery;

/// <summary>A few strings by name: a third of the memory of a dictionary, and as fast while they are few, as labels are. Immutable.</summary>
internal sealed class FewStrings(KeyValuePair<string, string>[] entries) : IReadOnlyDictionary<string, string>
{
    /// <summary>From here on a dictionary is better.</summary>
    public const int Most = 8;

    public int Count => entries.Length;

    public IEnumerable<string> Keys => entries.Select(static entry => entry.Key);

    public IEnumerable<string> Values => entries.Select(static entry => entry.Value);

    public string this[string key] => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"there is no {key}");

    public bool ContainsKey(string key) => TryGetValue(key, out _);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value)
    {
        foreach (var entry in entries)
        {
            if (entry.Key == key)
            {
                value = entry.Value;
                return true;
            }
        }

        value = null;
        return false;
    }

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => ((IEnumerable<KeyValuePair<string, string>>)entries).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
