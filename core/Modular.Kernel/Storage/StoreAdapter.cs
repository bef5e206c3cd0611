using System.Buffers.Text;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Modular.Kernel;

/// <summary>
/// The store as the kernel sees it: whoever provides it now, with cluster revisions (the store's own plus a base that the store keeps),
/// so that one store can follow another without revisions running backwards. Nothing else knows the base. Thread-safe.
/// </summary>
internal sealed class StoreAdapter(ContractHandle<IObjectStore> handle) : IDisposable
{
    private readonly SemaphoreSlim _opening = new(1, 1);
    private OpenedStore? _opened;

    /// <summary>The revision of the last acknowledged commit.</summary>
    public async ValueTask<long> GetCurrentRevisionAsync(CancellationToken cancellationToken)
    {
        using var lease = Acquire();
        var revisionBase = await BaseOfAsync(lease, cancellationToken).ConfigureAwait(false);
        return (await AnsweredAsync(lease.Value.GetStatusAsync(cancellationToken)).ConfigureAwait(false)).Current + revisionBase;
    }

    /// <summary>Where the store stands, in cluster revisions.</summary>
    public async ValueTask<StoreStatus> GetStatusAsync(CancellationToken cancellationToken)
    {
        using var lease = Acquire();
        var revisionBase = await BaseOfAsync(lease, cancellationToken).ConfigureAwait(false);
        var status = await AnsweredAsync(lease.Value.GetStatusAsync(cancellationToken)).ConfigureAwait(false);
        return revisionBase == 0
            ? status
            : status with { Current = status.Current + revisionBase, Compacted = status.Compacted + revisionBase };
    }

    /// <summary>Reads keys in order.</summary>
    public async ValueTask<RangeResult> RangeAsync(RangeRequest request, CancellationToken cancellationToken)
    {
        using var lease = Acquire();
        var revisionBase = await BaseOfAsync(lease, cancellationToken).ConfigureAwait(false);
        if (revisionBase == 0)
        {
            return await AnsweredAsync(lease.Value.RangeAsync(request, cancellationToken)).ConfigureAwait(false);
        }

        if (request.Revision > 0 && request.Revision <= revisionBase)
        {
            return new RangeResult { Outcome = RangeOutcome.Compacted, Revision = revisionBase + 1 };
        }

        var own = request.Revision == 0 ? request : request with { Revision = request.Revision - revisionBase };
        var result = await AnsweredAsync(lease.Value.RangeAsync(own, cancellationToken)).ConfigureAwait(false);
        return result with
        {
            Revision = result.Revision + revisionBase,
            Entries = [.. result.Entries.Select(e => ToCluster(e, revisionBase))],
        };
    }

    /// <summary>Carries out all operations or none.</summary>
    public async ValueTask<CommitResult> CommitAsync(CommitRequest request, CancellationToken cancellationToken)
    {
        using var lease = Acquire();
        var revisionBase = await BaseOfAsync(lease, cancellationToken).ConfigureAwait(false);
        if (revisionBase == 0)
        {
            return await AnsweredAsync(lease.Value.CommitAsync(request, cancellationToken)).ConfigureAwait(false);
        }

        var own = request with
        {
            Guards = [.. request.Guards.Select(g => g.ModRevision == 0 ? g : g with { ModRevision = g.ModRevision - revisionBase })],
        };
        var result = await AnsweredAsync(lease.Value.CommitAsync(own, cancellationToken)).ConfigureAwait(false);
        return result with
        {
            Revision = result.Revision + revisionBase,
            Current = result.Current is { } entry ? ToCluster(entry, revisionBase) : null,
        };
    }

    /// <summary>All changes from a revision on. Ends when the store does, or when another takes its place.</summary>
    public async IAsyncEnumerable<StoreWatchBatch> WatchAsync(
        StoreWatchRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var lease = Acquire();
        var revisionBase = await BaseOfAsync(lease, cancellationToken).ConfigureAwait(false);
        using var replaced = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var follow = CancelOnChangeAsync(lease.Generation, replaced);
        try
        {
            var own = request.Revision == 0 ? request : request with { Revision = Math.Max(1, request.Revision - revisionBase) };
            await foreach (var batch in lease.Value.WatchAsync(own, replaced.Token).ConfigureAwait(false))
            {
                yield return revisionBase == 0 ? batch : ToCluster(batch, revisionBase);
            }
        }
        finally
        {
            await replaced.CancelAsync().ConfigureAwait(false);
            await follow.ConfigureAwait(false);
        }
    }

    /// <summary>Forgets history before a revision.</summary>
    public async ValueTask CompactAsync(long revision, CancellationToken cancellationToken)
    {
        using var lease = Acquire();
        var own = revision - await BaseOfAsync(lease, cancellationToken).ConfigureAwait(false);
        if (own > 0)
        {
            await lease.Value.CompactAsync(own, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _opening.Dispose();

    /// <summary>Waits for an answer; that there is none, as from a store whose process has ended, is something a client may try again.</summary>
    private static async ValueTask<T> AnsweredAsync<T>(ValueTask<T> call)
    {
        try
        {
            return await call.ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw StoreFailure.Of(e);
        }
    }

    private static StoreEntry ToCluster(StoreEntry entry, long revisionBase) =>
        entry with { CreateRevision = entry.CreateRevision + revisionBase, ModRevision = entry.ModRevision + revisionBase };

    private static StoreWatchBatch ToCluster(StoreWatchBatch batch, long revisionBase) => batch with
    {
        Revision = batch.Revision + revisionBase,
        Changes = [.. batch.Changes.Select(c =>
            c with { Revision = c.Revision + revisionBase, CreateRevision = c.CreateRevision == 0 ? 0 : c.CreateRevision + revisionBase })],
    };

    private ContractLease<IObjectStore> Acquire() => handle.TryAcquire(out var lease)
        ? lease
        : throw new ApiException(new ApiStatus(StatusReason.ServiceUnavailable, "no plugin provides the store; 'modular plugins ls' shows why")
        {
            RetryAfterSeconds = 1,
        });

    private ValueTask<long> BaseOfAsync(ContractLease<IObjectStore> lease, CancellationToken cancellationToken) =>
        Volatile.Read(ref _opened) is { } opened && opened.Generation == lease.Generation
            ? new ValueTask<long>(opened.RevisionBase)
            : OpenAsync(lease, cancellationToken);

    /// <summary>Reads the base; a store that has none is new and gets one, so that every cluster's revisions begin above zero.</summary>
    private async ValueTask<long> OpenAsync(ContractLease<IObjectStore> lease, CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var request = new RangeRequest { From = StorageKeys.RevisionBase };
            var found = await AnsweredAsync(lease.Value.RangeAsync(request, cancellationToken)).ConfigureAwait(false);
            var revisionBase = 0L;
            if (found.Entries.Count > 0)
            {
                revisionBase = Parse(found.Entries[0].Value.Span);
            }
            else
            {
                var result = await AnsweredAsync(lease.Value.CommitAsync(NewBase(), cancellationToken)).ConfigureAwait(false);
                if (result.Outcome is not (CommitOutcome.Committed or CommitOutcome.Conflict))
                {
                    throw StoreFailure.Of(result);
                }
            }

            Volatile.Write(ref _opened, new OpenedStore(lease.Generation, revisionBase));
            return revisionBase;
        }
        finally
        {
            _opening.Release();
        }
    }

    private static long Parse(ReadOnlySpan<byte> value) => Utf8Parser.TryParse(value, out long number, out var used) && used == value.Length
        ? number
        : throw new InvalidDataException($"the store's {StorageKeys.RevisionBase} is not a number");

    private static CommitRequest NewBase() => new()
    {
        Guards = [new CommitGuard(StorageKeys.RevisionBase, 0)],
        Operations = [new CommitOperation(StorageKeys.RevisionBase, Encoding.ASCII.GetBytes(0L.ToString(CultureInfo.InvariantCulture)))],
    };

    private async Task CancelOnChangeAsync(long generation, CancellationTokenSource watch)
    {
        try
        {
            await handle.WaitForChangeAsync(generation, watch.Token).ConfigureAwait(false);
            await watch.CancelAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The watch ended first.
        }
    }

    private sealed record OpenedStore(long Generation, long RevisionBase);
}
