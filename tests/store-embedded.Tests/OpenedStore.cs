using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Modular.Plugins.StoreEmbedded.Files;

namespace Modular.Plugins.StoreEmbedded.Tests;

/// <summary>A store on a disk, with short words for what tests do with it.</summary>
internal sealed class OpenedStore : IAsyncDisposable
{
    private readonly TaskCompletionSource<string> _fatal = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Meter _meter = new("test");

    public OpenedStore(IStoreFiles files, StoreSettings? settings = null)
    {
        var environment = new StoreEnvironment(Time, NullLogger.Instance, new StoreMetrics(_meter), reason => _fatal.TrySetResult(reason));
        Store = EmbeddedStore.Open(files, settings ?? Small, environment);
    }

    /// <summary>Settings under which little data fills segments.</summary>
    public static StoreSettings Small { get; } = new() { SegmentBytes = 4096, SnapshotBytes = 4096, MaxValueBytes = 2048 };

    public FakeTimeProvider Time { get; } = new();

    public EmbeddedStore Store { get; }

    public StoreStatus Status => Store.Status;

    /// <summary>The reason that the store gave to end the process.</summary>
    public Task<string> Fatal => _fatal.Task;

    public static CommitOperation Set(string key, string value) => new(key, Encoding.UTF8.GetBytes(value));

    public static CommitOperation Remove(string key) => new(key, null);

    public static string Text(ReadOnlyMemory<byte> value) => Encoding.UTF8.GetString(value.Span);

    public Task<CommitResult> CommitAsync(params CommitOperation[] operations) =>
        Store.CommitAsync(new CommitRequest { Operations = operations }, TestContext.Current.CancellationToken).AsTask();

    public Task<CommitResult> CommitIfAsync(string key, long modRevision, params CommitOperation[] operations) => Store.CommitAsync(
        new CommitRequest { Guards = [new CommitGuard(key, modRevision)], Operations = operations },
        TestContext.Current.CancellationToken).AsTask();

    public Task<CommitResult> SetAsync(string key, string value) => CommitAsync(Set(key, value));

    public Task<CommitResult> RemoveAsync(string key) => CommitAsync(Remove(key));

    public RangeResult Range(string from = "!", string? to = "\u007f", long revision = 0, int limit = 0, bool keysOnly = false, bool countOnly = false)
    {
        var answer = Store.RangeAsync(
            new RangeRequest { From = from, To = to, Revision = revision, Limit = limit, KeysOnly = keysOnly, CountOnly = countOnly },
            TestContext.Current.CancellationToken);
        return answer.IsCompleted ? answer.Result : throw new InvalidOperationException("ranges complete synchronously");
    }

    /// <summary>All keys and values as one line, which failures show well.</summary>
    public string Dump(long revision = 0) => string.Join(' ', Range(revision: revision).Entries.Select(e => $"{e.Key}={Text(e.Value)}"));

    public IAsyncEnumerator<StoreWatchBatch> Watch(long revision = 0, string from = "!", string to = "\u007f", bool withPrevious = false) =>
        Store.WatchAsync(
            new StoreWatchRequest { From = from, To = to, Revision = revision, WithPrevious = withPrevious },
            TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        _meter.Dispose();
    }
}
