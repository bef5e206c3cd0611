using Modular.Plugins.StoreEmbedded.Index;
using Modular.Plugins.StoreEmbedded.Log;

namespace Modular.Plugins.StoreEmbedded.Writing;

/// <summary>
/// The commits that share one frame and one flush. Each sees the ones before it, though nobody else does yet. Used by the writer's thread.
/// </summary>
internal sealed class BatchBuilder(MemoryIndex index)
{
    public const int MaxCommits = 1024;
    public const int MaxBytes = 4 << 20;

    // The revision each key of the batch will have; 0 for a deletion.
    private readonly Dictionary<string, long> _staged = new(StringComparer.Ordinal);
    private readonly StoreCommit[] _commits = new StoreCommit[MaxCommits];
    private readonly List<PendingCommit> _pending = new(MaxCommits);
    private byte[] _frame = new byte[64 << 10];
    private long _bytes;

    /// <summary>The commits, in order.</summary>
    public List<PendingCommit> Pending => _pending;

    /// <summary>The same commits as they become visible.</summary>
    public ReadOnlySpan<StoreCommit> Commits => _commits.AsSpan(0, _pending.Count);

    public bool IsEmpty => _pending.Count == 0;

    /// <summary>Begins a new batch.</summary>
    public void Clear()
    {
        Array.Clear(_commits, 0, _pending.Count);
        _pending.Clear();
        _staged.Clear();
        _bytes = Frame.HeaderSize;
        if (_frame.Length > 2 * MaxBytes)
        {
            _frame = new byte[64 << 10];
        }
    }

    /// <summary>Whether a commit still belongs into this batch; the first always does.</summary>
    public bool HasRoomFor(PendingCommit commit) =>
        IsEmpty || (_pending.Count < MaxCommits && _bytes + commit.Bytes <= MaxBytes);

    /// <summary>The size of the frame if a commit joined.</summary>
    public long FrameBytesWith(PendingCommit commit) => _bytes + commit.Bytes;

    /// <summary>The key of the first guard that does not hold; null if all do.</summary>
    /// <param name="commit">The commit.</param>
    /// <param name="contested">True if it is this batch that breaks the guard.</param>
    public string? FindBrokenGuard(PendingCommit commit, out bool contested)
    {
        contested = false;
        for (var i = 0; i < commit.Guards.Count; i++)
        {
            var (key, expected) = commit.Guards[i];
            contested = _staged.TryGetValue(key, out var actual);
            if ((contested ? actual : index.ModRevisionOf(key)) != expected)
            {
                return key;
            }
        }

        return null;
    }

    /// <summary>Gives a commit the next revision.</summary>
    public void Add(PendingCommit commit)
    {
        commit.Revision = index.Current + 1 + _pending.Count;
        _commits[_pending.Count] = new StoreCommit(commit.Revision, commit.Operations);
        _pending.Add(commit);
        _bytes += commit.Bytes;
        foreach (var (key, value) in commit.Operations)
        {
            _staged[key] = value is null ? 0 : commit.Revision;
        }
    }

    /// <summary>The batch as a sealed frame; valid until the batch is cleared.</summary>
    public ReadOnlySpan<byte> Seal(LogWriter log)
    {
        if (_frame.Length < _bytes)
        {
            _frame = new byte[Math.Max(_bytes, Math.Min(2L * _frame.Length, 2 * MaxBytes))];
        }

        var frame = _frame.AsSpan(0, (int)_bytes);
        var rest = frame[Frame.HeaderSize..];
        foreach (var commit in _pending)
        {
            rest = CommitEncoding.Write(rest, commit.Operations);
        }

        Frame.Seal(frame, log.StampFor(_bytes), _pending[0].Revision, _pending.Count);
        return frame;
    }
}
