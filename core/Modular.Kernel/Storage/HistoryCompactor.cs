using Microsoft.Extensions.Logging;

namespace Modular.Kernel;

/// <summary>Lets the store forget its past, one interval late, so that lists and watches of the last minutes can still go on.</summary>
internal sealed partial class HistoryCompactor : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    private readonly StoreAdapter _store;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    public HistoryCompactor(StoreAdapter store, TimeProvider time, ILogger log)
    {
        _store = store;
        _log = log;
        _loop = RunAsync(time);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!_stop.IsCancellationRequested)
        {
            await _stop.CancelAsync().ConfigureAwait(false);
            await _loop.ConfigureAwait(false);
            _stop.Dispose();
        }
    }

    private async Task RunAsync(TimeProvider time)
    {
        var last = 0L;
        try
        {
            while (true)
            {
                await Task.Delay(Interval, time, _stop.Token).ConfigureAwait(false);
                last = await CompactAsync(last).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The kernel stops.
        }
    }

    private async Task<long> CompactAsync(long last)
    {
        try
        {
            if (last > 0)
            {
                await _store.CompactAsync(last, _stop.Token).ConfigureAwait(false);
            }

            return await _store.GetCurrentRevisionAsync(_stop.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not (OperationCanceledException or OutOfMemoryException))
        {
            LogFailed(error);
            return last;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The store did not compact its history")]
    private partial void LogFailed(Exception error);
}
