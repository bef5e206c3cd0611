using Microsoft.Extensions.Logging;
using Modular.Abstractions;
using Modular.Toolkit;

namespace Modular.Plugins.Scheduling;

/// <summary>Runs the driver, and again if it fails.</summary>
public sealed partial class SchedulingPlugin : IPlugin
{
    private static readonly TimeSpan FirstRestart = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestRestart = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stop = new();
    private IPluginContext? _context;
    private ContractHandle<IScheduler>? _scheduler;
    private CandidateHandle<IScheduler>? _candidates;
    private SchedulingOptions _options = new();
    private ILogger? _log;
    private Task _run = Task.CompletedTask;

    /// <inheritdoc />
    public ValueTask ProvisionAsync(IPluginContext context, CancellationToken cancellationToken)
    {
        _context = context;
        _log = context.Log.CreateLogger("scheduling");
        _options = SchedulingOptions.From(context.Configuration);
        _scheduler = context.Require<IScheduler>();
        _candidates = context.RequireCandidates<IScheduler>();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        var metrics = new SchedulingMetrics(_context!.Meter);
        _run = Task.Run(() => RunUntilStoppedAsync(metrics, _stop.Token), CancellationToken.None);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public async ValueTask StopAsync(StopReason reason, CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _run.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!_stop.IsCancellationRequested)
        {
            await _stop.CancelAsync().ConfigureAwait(false);
        }

        await _run.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunUntilStoppedAsync(SchedulingMetrics metrics, CancellationToken stop)
    {
        for (var failures = 0; !stop.IsCancellationRequested; failures++)
        {
            var trials = Path.Combine(_context!.DataDirectory, "trials");
            var driver = new SchedulingDriver(_context.Api, _scheduler!, _candidates!, _options, trials, _context.Time, _log!, metrics, Report);
            await using (driver.ConfigureAwait(false))
            {
                try
                {
                    await driver.RunAsync(stop).ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (stop.IsCancellationRequested)
                {
                    return;
                }
                catch (Exception error)
                {
                    LogRestart(_log!, error);
                }
            }

            await Task.Delay(BackOffDelay.After(FirstRestart, LongestRestart, failures), _context.Time, stop)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Report(SchedulerState state, string message)
    {
        switch (state)
        {
            case SchedulerState.Working:
                _context!.SetReady(true, "", "");
                break;
            case SchedulerState.Missing:
                _context!.SetReady(false, "SchedulerUnavailable", "no plugin provides modular.scheduler; pods without a node stay pending");
                break;
            case SchedulerState.Failing:
                _context!.SetReady(false, "SchedulerFailed", message);
                break;
        }
    }

    [LoggerMessage(LogLevel.Error, "scheduling stopped, it starts again soon")]
    private static partial void LogRestart(ILogger log, Exception error);
}
