namespace Modular.Kernel.Tests;

/// <summary>Reads a watch event by event.</summary>
internal sealed class WatchReader : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly IWatchSession _session;
    private readonly CancellationTokenSource _end = new();
    private readonly IAsyncEnumerator<IReadOnlyList<WatchEvent>> _batches;
    private readonly Queue<WatchEvent> _ready = new();
    private Task<bool>? _next;

    public WatchReader(IWatchSession session)
    {
        _session = session;
        _batches = session.ReadAsync(_end.Token).GetAsyncEnumerator(CancellationToken.None);
    }

    /// <summary>The next events; fails if they do not come.</summary>
    public async Task<List<WatchEvent>> TakeAsync(int count, Action? whileWaiting = null)
    {
        var events = new List<WatchEvent>();
        var end = DateTime.UtcNow + Patience;
        while (events.Count < count)
        {
            if (_ready.TryDequeue(out var ready))
            {
                events.Add(ready);
                continue;
            }

            _next ??= _batches.MoveNextAsync().AsTask();
            while (!_next.IsCompleted && DateTime.UtcNow < end)
            {
                whileWaiting?.Invoke();
                await Task.WhenAny(_next, Task.Delay(20));
            }

            Assert.True(_next.IsCompleted, $"only {events.Count} of {count} events came");
            Assert.True(await _next, "the watch ended");
            _next = null;
            foreach (var change in _batches.Current)
            {
                _ready.Enqueue(change);
            }
        }

        return events;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        try
        {
            if (_next is not null)
            {
                await _next;
            }
        }
        catch (OperationCanceledException)
        {
            // Ended here.
        }

        await _batches.DisposeAsync();
        await _session.DisposeAsync();
        _end.Dispose();
    }
}
