using System.Text;

namespace Modular.Plugins.StoreEmbedded.Tests;

/// <summary>What a store should hold, the plain way: a whole dictionary for every revision.</summary>
internal sealed class ReferenceModel
{
    private readonly List<SortedDictionary<string, (string Value, long Create, long Mod)>> _states = [new(StringComparer.Ordinal)];
    private readonly List<string> _changes = [];

    public long Current => _states.Count - 1;

    public bool Holds(CommitGuard guard) => (_states[^1].TryGetValue(guard.Key, out var entry) ? entry.Mod : 0) == guard.ModRevision;

    public long ModRevisionOf(string key) => _states[^1].TryGetValue(key, out var entry) ? entry.Mod : 0;

    public void Commit(IEnumerable<CommitOperation> operations)
    {
        var state = new SortedDictionary<string, (string Value, long Create, long Mod)>(_states[^1], StringComparer.Ordinal);
        var revision = _states.Count;
        foreach (var (key, value) in operations)
        {
            var existed = state.Remove(key, out var before);
            if (value is { } bytes)
            {
                var text = Encoding.UTF8.GetString(bytes.Span);
                state[key] = (text, existed ? before.Create : revision, revision);
                _changes.Add($"{revision}:{key}={text}");
            }
            else if (existed)
            {
                _changes.Add($"{revision}:{key}=-");
            }
        }

        _states.Add(state);
    }

    /// <summary>Another model, one commit further.</summary>
    public ReferenceModel With(IEnumerable<CommitOperation> operations)
    {
        var further = new ReferenceModel();
        further._states.Clear();
        further._states.AddRange(_states);
        further._changes.AddRange(_changes);
        further.Commit(operations);
        return further;
    }

    public string Dump(long revision) => string.Join(' ', _states[(int)revision].Select(e => $"{e.Key}={e.Value.Value}@{e.Value.Create}-{e.Value.Mod}"));

    public string Changes(long from, long to) => string.Join(' ', _changes.Where(c => Revision(c) >= from && Revision(c) <= to));

    public static string Dump(RangeResult range) =>
        string.Join(' ', range.Entries.Select(e => $"{e.Key}={OpenedStore.Text(e.Value)}@{e.CreateRevision}-{e.ModRevision}"));

    private static long Revision(string change) => long.Parse(change.AsSpan(0, change.IndexOf(':')));
}
