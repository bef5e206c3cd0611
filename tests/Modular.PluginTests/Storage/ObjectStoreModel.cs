using System.Text;
using Modular.Abstractions;

namespace Modular.PluginTests;

/// <summary>What an object store should hold, the plain way: all entries of every revision. Not thread-safe.</summary>
public sealed class ObjectStoreModel
{
    private readonly List<SortedDictionary<string, StoreEntry>> _states = [new(StringComparer.Ordinal)];
    private readonly List<StoreChange> _changes = [];

    /// <summary>The revision of the last commit.</summary>
    public long Current => _states.Count - 1;

    /// <summary>An entry as lines of a failure show it.</summary>
    public static string Text(StoreEntry entry) => $"{entry.Key}={Text(entry.Value)}@{entry.CreateRevision}-{entry.ModRevision}";

    /// <summary>A change as lines of a failure show it.</summary>
    public static string Text(StoreChange change) =>
        $"{change.Revision}:{change.Key}={(change.Value is { } value ? Text(value) : "-")}@{change.CreateRevision}{(change.Previous is { } previous ? $" was {Text(previous)}" : "")}";

    /// <summary>The entry of a key; null if it does not exist.</summary>
    public StoreEntry? Find(string key) => _states[^1].TryGetValue(key, out var entry) ? entry : null;

    /// <summary>Whether a guard holds now.</summary>
    public bool Holds(CommitGuard guard) => (Find(guard.Key)?.ModRevision ?? 0) == guard.ModRevision;

    /// <summary>Carries operations out; the answer is their revision.</summary>
    public long Commit(params IEnumerable<CommitOperation> operations)
    {
        var state = new SortedDictionary<string, StoreEntry>(_states[^1], StringComparer.Ordinal);
        var revision = Current + 1;
        foreach (var (key, value) in operations)
        {
            var existed = state.Remove(key, out var before);
            if (value is null && !existed)
            {
                continue;
            }

            var change = new StoreChange { Key = key, Revision = revision, CreateRevision = existed ? before.CreateRevision : revision };
            if (existed)
            {
                change = change with { Previous = before.Value };
            }

            if (value is { } bytes)
            {
                change = change with { Value = bytes.ToArray() };
                state[key] = new StoreEntry(key, change.Value.Value, change.CreateRevision, revision);
            }

            _changes.Add(change);
        }

        _states.Add(state);
        return revision;
    }

    /// <summary>Another model, one commit further.</summary>
    public ObjectStoreModel With(params IEnumerable<CommitOperation> operations)
    {
        var further = new ObjectStoreModel();
        further._states.Clear();
        further._states.AddRange(_states);
        further._changes.AddRange(_changes);
        further.Commit(operations);
        return further;
    }

    /// <summary>The entries after a revision, in order.</summary>
    /// <param name="revision">The revision.</param>
    /// <param name="from">The first key.</param>
    /// <param name="to">The key after the last; null for the first alone.</param>
    public IEnumerable<StoreEntry> Entries(long revision, string from = "", string? to = "\uffff") =>
        _states[(int)revision].Values.Where(entry => to is null ? entry.Key == from : IsWithin(entry.Key, from, to));

    /// <summary>The changes of a range of keys from a revision to another, both included.</summary>
    public IEnumerable<StoreChange> Changes(long first, long last, string from = "", string to = "\uffff") =>
        _changes.Where(change => change.Revision >= first && change.Revision <= last && IsWithin(change.Key, from, to));

    private static bool IsWithin(string key, string from, string to) => string.CompareOrdinal(key, from) >= 0 && string.CompareOrdinal(key, to) < 0;

    private static string Text(ReadOnlyMemory<byte> value) => Encoding.UTF8.GetString(value.Span);
}
