using System.Text;
using Modular.Abstractions;

namespace Modular.PluginTests;

/// <summary>
/// What every object store has to do. An author derives a class, says how a store is opened and opened again, and has these tests. How long
/// a store keeps history of its own accord is its own matter; here it has to be a hundred revisions.
/// </summary>
public abstract partial class ObjectStoreTests : IAsyncLifetime
{
    private const string Everything = "\uffff";

    private IObjectStore? _store;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>How many steps the random work has; fewer where a store takes long to open, as in a process of its own.</summary>
    protected virtual int RandomSteps => 600;

    private IObjectStore Store => _store!;

    /// <summary>Opens an empty store; called again, another one. The one before is not used any more.</summary>
    protected abstract ValueTask<IObjectStore> OpenAsync();

    /// <summary>Ends the store that was opened last, and opens it again.</summary>
    /// <param name="crash">True as if its process was killed, or the power failed; false if it ends in good order.</param>
    protected abstract ValueTask<IObjectStore> ReopenAsync(bool crash);

    /// <inheritdoc />
    public async ValueTask InitializeAsync() => _store = await OpenAsync();

    /// <summary>Ends what was opened.</summary>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// Commits with guards, ranges of the present and the past, compactions, restarts, crashes, and watches that are cut and go on: whatever
    /// the order, all answers are those of a plain model. The message of a failure has the seed and a short sequence that leads to it.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public Task RandomWorkAgreesWithAPlainModel(int seed) => new StoreWalks(OpenAsync, ReopenAsync, Token).RunAsync(seed, steps: RandomSteps);

    /// <summary>The status tells where the store stands.</summary>
    [Fact]
    public async Task StatusTellsWhereTheStoreStands()
    {
        Assert.Equal(0, (await Store.GetStatusAsync(Token)).Current);
        await CommitAsync(Set("a", "1"));
        await CommitAsync(Set("a", "2"));
        var status = await Store.GetStatusAsync(Token);
        Assert.Equal((2L, true), (status.Current, status.Writable));
        Assert.InRange(status.Compacted, 0, 1);
        await StoreCompaction.CompactAsync(Store, 2, Token);
        Assert.Equal(2, (await Store.GetStatusAsync(Token)).Compacted);
    }

    private static CommitOperation Set(string key, string value) => new(key, Encoding.UTF8.GetBytes(value));

    private static CommitOperation Remove(string key) => new(key, null);

    private static string Text(ReadOnlyMemory<byte> value) => Encoding.UTF8.GetString(value.Span);

    private static string Line(IEnumerable<StoreEntry> entries) => string.Join(' ', entries.Select(entry => $"{entry.Key}={Text(entry.Value)}"));

    private static string Line(IEnumerable<StoreChange>? changes) => string.Join(
        ' ', changes?.Select(change => $"{change.Revision}:{change.Key}={(change.Value is { } value ? Text(value) : "-")}") ?? ["compacted"]);

    private Task<CommitResult> CommitAsync(params CommitOperation[] operations) =>
        Store.CommitAsync(new CommitRequest { Operations = operations }, Token).AsTask();

    private Task<CommitResult> CommitIfAsync(CommitGuard guard, params CommitOperation[] operations) =>
        Store.CommitAsync(new CommitRequest { Guards = [guard], Operations = operations }, Token).AsTask();

    private async Task<RangeResult> RangeAsync(
        string from = "", string? to = Everything, int limit = 0, long revision = 0, bool keysOnly = false, bool countOnly = false) =>
        await Store.RangeAsync(new RangeRequest { From = from, To = to, Limit = limit, Revision = revision, KeysOnly = keysOnly, CountOnly = countOnly }, Token);

    private async Task<string> DumpAsync(long revision = 0) => Line((await RangeAsync(revision: revision)).Entries);

    private StoreWatcher Watch(long revision = 0, string from = "", string to = Everything, bool withPrevious = false) =>
        new(Store, new StoreWatchRequest { From = from, To = to, Revision = revision, WithPrevious = withPrevious }, Token);
}
