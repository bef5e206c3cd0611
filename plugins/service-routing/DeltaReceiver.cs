using Microsoft.Extensions.Logging;
using Modular.Abstractions;
using Modular.Toolkit;

namespace Modular.Plugins.ServiceRouting;

/// <summary>
/// Keeps whoever fills one role up to date. The first change after a pause goes out at once; those that follow wait for the interval and
/// go out as one. A new provider, and one that does not know the base of a delta, gets the whole state.
/// </summary>
internal sealed partial class DeltaReceiver<T>(
    string role,
    ContractHandle<T> handle,
    Func<T, ServiceDelta, CancellationToken, ValueTask<ServiceReport>> apply,
    ServiceTable table,
    ProblemReporter problems,
    RoutingOptions options,
    TimeProvider time,
    RoutingMetrics metrics,
    ILogger log,
    Action<bool> available)
    where T : class
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private long _generation = -1;
    private long _served;
    private DateTimeOffset _askAgain = DateTimeOffset.MaxValue;

    public async Task RunAsync(CancellationToken stop)
    {
        var failures = 0;
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            var news = table.News;
            var generation = handle.Generation;
            var wait = options.Interval;
            try
            {
                await BringUpToDateAsync(stop).ConfigureAwait(false);
                failures = 0;
                await WaitAsync(news, generation, stop).ConfigureAwait(false);
            }
            catch (Exception error) when (error is not OperationCanceledException || !stop.IsCancellationRequested)
            {
                LogFailure(error, role);
                _served = 0;
                wait = BackOffDelay.After(FirstWait, LongestWait, failures++);
            }

            await Task.Delay(wait, time, stop).ConfigureAwait(false);
        }
    }

    private async ValueTask BringUpToDateAsync(CancellationToken stop)
    {
        if (!handle.TryAcquire(out var lease))
        {
            available(false);
            return;
        }

        using (lease)
        {
            available(true);
            if (lease.Generation != _generation)
            {
                _generation = lease.Generation;
                _served = 0;
            }

            var due = time.GetUtcNow() >= _askAgain;
            if (table.Since(_served) is not { } delta || (delta.Revision == _served && !due))
            {
                return;
            }

            var report = await ApplyAsync(lease.Value, delta, stop).ConfigureAwait(false);
            if (report.Revision != delta.Revision && delta.Base != 0)
            {
                delta = table.Since(0)!;
                report = await ApplyAsync(lease.Value, delta, stop).ConfigureAwait(false);
            }

            if (report.Revision != delta.Revision)
            {
                throw new InvalidOperationException($"{lease.Provider.Id} refuses the whole state");
            }

            _served = delta.Revision;
            metrics.Problems(role, -problems.Count);
            problems.Report(report.Problems);
            metrics.Problems(role, problems.Count);
            _askAgain = problems.Count > 0 ? time.GetUtcNow() + options.Retry : DateTimeOffset.MaxValue;
        }
    }

    private async ValueTask<ServiceReport> ApplyAsync(T receiver, ServiceDelta delta, CancellationToken stop)
    {
        var started = time.GetTimestamp();
        var report = await apply(receiver, delta, stop).ConfigureAwait(false);
        metrics.Applied(role, delta.Base == 0, time.GetElapsedTime(started));
        return report;
    }

    private async Task WaitAsync(Task news, long generation, CancellationToken stop)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var swapped = handle.WaitForChangeAsync(generation, over.Token);
        var again = _askAgain == DateTimeOffset.MaxValue
            ? Timeout.InfiniteTimeSpan
            : TimeSpan.FromTicks(Math.Max(0, (_askAgain - time.GetUtcNow()).Ticks));
        await Task.WhenAny(news, swapped, Task.Delay(again, time, over.Token)).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        await swapped.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    [LoggerMessage(LogLevel.Error, "the provider of role {Role} failed; it gets the whole state again soon")]
    private partial void LogFailure(Exception error, string role);
}
