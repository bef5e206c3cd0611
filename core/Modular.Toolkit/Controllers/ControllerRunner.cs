using Microsoft.Extensions.Logging;
using Modular.Abstractions;
using Modular.ApiMachinery;

namespace Modular.Toolkit;

/// <summary>
/// Runs a controller: opens an informer per source, waits until all are complete, then has workers reconcile the keys that changes
/// concern. A reconcile that fails is tried again with back-off.
/// </summary>
public sealed partial class ControllerRunner : IAsyncDisposable
{
    private static readonly TimeSpan FirstRestart = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestRestart = TimeSpan.FromSeconds(30);

    private readonly IController _controller;
    private readonly IApiClient _api;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ControllerMetrics _metrics;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _run = Task.CompletedTask;

    /// <summary>Prepares; nothing happens before <see cref="Start"/>.</summary>
    public ControllerRunner(IController controller, IApiClient api, TimeProvider time, ILogger log, ControllerMetrics metrics)
    {
        _controller = controller;
        _api = api;
        _time = time;
        _log = log;
        _metrics = metrics;
    }

    /// <summary>Completes once the informers are complete and the workers run.</summary>
    public Task Synced => _synced.Task;

    /// <summary>Begins to run; calls to the API happen in the background.</summary>
    public void Start() => _run = Task.Run(() => RunUntilStoppedAsync(_stop.Token));

    /// <summary>Ends the workers after what they have at hand, then closes the informers.</summary>
    public async ValueTask StopAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _synced.TrySetCanceled();
        await _run.ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunUntilStoppedAsync(CancellationToken stop)
    {
        for (var failures = 0; !stop.IsCancellationRequested; failures++)
        {
            try
            {
                await RunOnceAsync(stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                var delay = BackOffDelay.After(FirstRestart, LongestRestart, failures);
                LogRestart(error, _controller.Name, delay);
                await Task.Delay(delay, _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task RunOnceAsync(CancellationToken stop)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var queue = new WorkQueue<ObjectName>(_time);
        using var depth = _metrics.Observe(_controller.Name, () => queue.Count);
        await using var sources = new OpenSources(_api, queue);
        var workers = new List<Task>();
        try
        {
            var informers = await sources.OpenAsync(_controller.Sources, stop).ConfigureAwait(false);
            (_controller as IGrowingController)?.Attach(sources.AddAsync);
            await _controller.StartAsync(informers, stop).ConfigureAwait(false);
            _synced.TrySetResult();
            LogSynced(_controller.Name, informers.Count);
            for (var i = 0; i < Math.Max(1, _controller.Workers); i++)
            {
                workers.Add(WorkAsync(queue, ended.Token));
            }

            await (await Task.WhenAny([sources.Ended, .. workers]).ConfigureAwait(false)).ConfigureAwait(false);
            throw new InvalidOperationException("an informer ended by itself");
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(workers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WorkAsync(WorkQueue<ObjectName> queue, CancellationToken ended)
    {
        while (true)
        {
            var key = await queue.TakeAsync(ended).ConfigureAwait(false);
            var started = _time.GetTimestamp();
            try
            {
                var again = await _controller.ReconcileAsync(key, ended).ConfigureAwait(false);
                queue.Forget(key);
                if (again is { } delay)
                {
                    queue.AddAfter(key, delay);
                }

                _metrics.Reconciled(_controller.Name, _time.GetElapsedTime(started), failed: false);
            }
            catch (OperationCanceledException) when (ended.IsCancellationRequested)
            {
                throw;
            }
            catch (Exception error)
            {
                queue.AddFailed(key);
                _metrics.Reconciled(_controller.Name, _time.GetElapsedTime(started), failed: true);
                if (error is ApiException { Reason: StatusReason.Conflict })
                {
                    LogConflict(_controller.Name, key, error.Message);
                }
                else
                {
                    LogFailure(_controller.Name, key, error is ApiException api ? api.Message : error.ToString());
                }
            }
            finally
            {
                queue.Done(key);
            }
        }
    }

    [LoggerMessage(LogLevel.Debug, "controller {Controller} runs with {Informers} informers")]
    private partial void LogSynced(string controller, int informers);

    [LoggerMessage(LogLevel.Warning, "controller {Controller} could not reconcile {Key}, it will be tried again: {Error}")]
    private partial void LogFailure(string controller, ObjectName key, string error);

    [LoggerMessage(LogLevel.Debug, "controller {Controller} worked on an old version of {Key}, it will look again: {Error}")]
    private partial void LogConflict(string controller, ObjectName key, string error);

    [LoggerMessage(LogLevel.Error, "controller {Controller} stopped, it starts again in {Delay}")]
    private partial void LogRestart(Exception error, string controller, TimeSpan delay);
}
