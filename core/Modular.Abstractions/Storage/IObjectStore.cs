namespace Modular.Abstractions;

/// <summary>
/// Durable, ordered, versioned keys. The kernel's only place of truth. Thread-safe.
/// </summary>
/// <remarks>
/// Keys are printable ASCII (U+0021 to U+007E), at most 1,024 characters, ordered ordinally; values are opaque bytes. Every commit has a
/// revision of its own, one more than the commit before; the first is 1. When a commit is answered its bytes are on disk. Ranges see
/// whole commits, and without a revision the latest acknowledged one. Bounds of ranges are any text and need not be keys.
/// </remarks>
[Contract("modular.store", "0.1.0", ContractCardinality.One)]
public interface IObjectStore
{
    /// <summary>Where the store stands. Completes synchronously if the store is embedded.</summary>
    ValueTask<StoreStatus> GetStatusAsync(CancellationToken cancellationToken);

    /// <summary>Reads keys in order.</summary>
    ValueTask<RangeResult> RangeAsync(RangeRequest request, CancellationToken cancellationToken);

    /// <summary>Carries out all operations or none. Failing is an outcome, not an exception.</summary>
    /// <exception cref="ArgumentException">The request is none: no operation, a key twice, or one that is no key. Nothing was done.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled before the commit was taken on. Nothing was done.</exception>
    ValueTask<CommitResult> CommitAsync(CommitRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// All changes of a range of keys from a revision on, in order, each commit whole. Ends after <see cref="StoreWatchKind.Compacted"/>,
    /// when the token is cancelled, or when the store stops; a consumer then opens a new one at the revision after the last it saw.
    /// A consumer that falls behind costs the store no unbounded memory: changes are re-read from history.
    /// </summary>
    IAsyncEnumerable<StoreWatchBatch> WatchAsync(StoreWatchRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Forgets history before a revision: a watch or range from an older one is answered with Compacted. The latest value of every key is kept.
    /// What the store itself is reading, for a snapshot, it may keep; <see cref="StoreStatus.Compacted"/> says how far it came, and it can be asked again.
    /// </summary>
    ValueTask CompactAsync(long revision, CancellationToken cancellationToken);
}

/// <summary>Where a store stands.</summary>
public sealed record StoreStatus
{
    /// <summary>The revision of the last acknowledged commit; 0 for an empty store.</summary>
    public long Current { get; init; }

    /// <summary>The oldest revision that can still be read or watched from.</summary>
    public long Compacted { get; init; }

    /// <summary>Bytes on disk.</summary>
    public long Bytes { get; init; }

    /// <summary>False while there is no space; reads go on.</summary>
    public bool Writable { get; init; } = true;
}

/// <summary>Which keys to read.</summary>
public sealed record RangeRequest
{
    /// <summary>The first key.</summary>
    public required string From { get; init; }

    /// <summary>The key after the last; null for <see cref="From"/> alone.</summary>
    public string? To { get; init; }

    /// <summary>The most keys to return; 0 for all.</summary>
    public int Limit { get; init; }

    /// <summary>The state after this revision; 0 for the latest.</summary>
    public long Revision { get; init; }

    /// <summary>Leave the values empty.</summary>
    public bool KeysOnly { get; init; }

    /// <summary>Count the keys and return none.</summary>
    public bool CountOnly { get; init; }
}

/// <summary>How a range ended.</summary>
public enum RangeOutcome
{
    /// <summary>The entries are there.</summary>
    Found,
    /// <summary>The revision asked for is compacted.</summary>
    Compacted,
    /// <summary>The revision asked for has not happened yet.</summary>
    Future,
}

/// <summary>What a range found.</summary>
public sealed record RangeResult
{
    /// <summary>How it ended.</summary>
    public RangeOutcome Outcome { get; init; }

    /// <summary>The revision the answer is the state of; for <see cref="RangeOutcome.Compacted"/> the oldest readable one.</summary>
    public long Revision { get; init; }

    /// <summary>The entries, in key order.</summary>
    public IReadOnlyList<StoreEntry> Entries { get; init; } = [];

    /// <summary>How many keys the range holds, beyond the limit too.</summary>
    public long Count { get; init; }
}

/// <summary>A key with its value and the revisions of its first and last write.</summary>
public readonly record struct StoreEntry(string Key, ReadOnlyMemory<byte> Value, long CreateRevision, long ModRevision);

/// <summary>What must hold and what to do.</summary>
public sealed record CommitRequest
{
    /// <summary>All must hold, or nothing is done.</summary>
    public IReadOnlyList<CommitGuard> Guards { get; init; } = [];

    /// <summary>What to do; at least one, no key twice.</summary>
    public required IReadOnlyList<CommitOperation> Operations { get; init; }
}

/// <summary>Demands that a key was last written at a revision; 0 demands that it does not exist.</summary>
public readonly record struct CommitGuard(string Key, long ModRevision);

/// <summary>Writes a value, or deletes the key if the value is null. Deleting a key that does not exist is allowed and changes nothing.</summary>
public readonly record struct CommitOperation(string Key, ReadOnlyMemory<byte>? Value);

/// <summary>How a commit ended.</summary>
public enum CommitOutcome
{
    /// <summary>Done and on disk.</summary>
    Committed,
    /// <summary>A guard did not hold; nothing was done.</summary>
    Conflict,
    /// <summary>No space; nothing was done.</summary>
    NoSpace,
    /// <summary>A key or value is too large; nothing was done.</summary>
    TooLarge,
    /// <summary>The store was lost before it answered: it may be done or not.</summary>
    Unknown,
}

/// <summary>How a commit ended.</summary>
public sealed record CommitResult
{
    /// <summary>How it ended.</summary>
    public CommitOutcome Outcome { get; init; }

    /// <summary>The revision of the commit; for another outcome the store's current revision, or 0 where that is unknown too.</summary>
    public long Revision { get; init; }

    /// <summary>For a conflict, the entry of the first guard that failed; null if its key does not exist.</summary>
    public StoreEntry? Current { get; init; }

    /// <summary>For <see cref="CommitOutcome.TooLarge"/>, the most bytes that one value may have.</summary>
    public long Limit { get; init; }
}

/// <summary>What to watch.</summary>
public sealed record StoreWatchRequest
{
    /// <summary>The first key.</summary>
    public required string From { get; init; }

    /// <summary>The key after the last.</summary>
    public required string To { get; init; }

    /// <summary>The first revision of interest; 0 for only what comes from now on.</summary>
    public long Revision { get; init; }

    /// <summary>Whether changes carry the value before them.</summary>
    public bool WithPrevious { get; init; }
}

/// <summary>What a batch of a watch says.</summary>
public enum StoreWatchKind
{
    /// <summary>Changes of one or more whole commits.</summary>
    Changes,
    /// <summary>Nothing of interest happened up to the revision. The first batch of every watch is one of these, when it is established.</summary>
    Progress,
    /// <summary>The revision to start from is compacted; the watch ends.</summary>
    Compacted,
}

/// <summary>Part of a watch.</summary>
public sealed record StoreWatchBatch
{
    /// <summary>What it says.</summary>
    public StoreWatchKind Kind { get; init; }

    /// <summary>Up to which revision the watcher now knows everything; for Compacted the oldest that can be watched from.</summary>
    public long Revision { get; init; }

    /// <summary>The changes, in order of revision; never part of a commit only.</summary>
    public IReadOnlyList<StoreChange> Changes { get; init; } = [];
}

/// <summary>One change of one key.</summary>
public readonly record struct StoreChange
{
    /// <summary>The key.</summary>
    public required string Key { get; init; }

    /// <summary>The commit's revision.</summary>
    public required long Revision { get; init; }

    /// <summary>The new value; null if the key was deleted.</summary>
    public ReadOnlyMemory<byte>? Value { get; init; }

    /// <summary>The value before, where asked for and where there was one.</summary>
    public ReadOnlyMemory<byte>? Previous { get; init; }

    /// <summary>The revision at which the key came into being; equal to <see cref="Revision"/> if this change created it.</summary>
    public long CreateRevision { get; init; }
}
