using System.Runtime.CompilerServices;
using Modular.Abstractions;

namespace Modular.PluginProcess.Tests;

/// <summary>A store that counts what it is asked, and answers when it is told to.</summary>
internal sealed class ScriptedStore : IObjectStore
{
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _commits;
    private int _batches;

    /// <summary>Whether calls are answered.</summary>
    public bool Answers { get; init; } = true;

    /// <summary>The first call has come.</summary>
    public Task Asked => _asked.Task;

    public int Commits => Volatile.Read(ref _commits);

    /// <summary>How many batches of a watch were taken from it.</summary>
    public int Batches => Volatile.Read(ref _batches);

    /// <summary>How many batches a watch has, and how large the value in each is.</summary>
    public (int Count, int Bytes) Watched { get; init; }

    public async ValueTask<StoreStatus> GetStatusAsync(CancellationToken cancellationToken)
    {
        await AnswerAsync(cancellationToken);
        return new StoreStatus { Current = 7 };
    }

    public ValueTask<RangeResult> RangeAsync(RangeRequest request, CancellationToken cancellationToken) => throw new NotSupportedException("it has no ranges");

    public async ValueTask<CommitResult> CommitAsync(CommitRequest request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _commits);
        await AnswerAsync(cancellationToken);
        return new CommitResult { Revision = 8 };
    }

    public async IAsyncEnumerable<StoreWatchBatch> WatchAsync(StoreWatchRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var value = new byte[Watched.Bytes];
        for (var revision = 1; revision <= Watched.Count; revision++)
        {
            Interlocked.Increment(ref _batches);
            yield return new StoreWatchBatch { Revision = revision, Changes = [new StoreChange { Key = "/k", Revision = revision, Value = value }] };
        }

        await Task.Delay(Timeout.Infinite, cancellationToken);
    }

    public ValueTask CompactAsync(long revision, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    private Task AnswerAsync(CancellationToken cancellationToken)
    {
        _asked.TrySetResult();
        return Answers ? Task.CompletedTask : Task.Delay(Timeout.Infinite, cancellationToken);
    }
}
