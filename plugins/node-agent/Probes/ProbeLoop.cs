using Modular.Models;

namespace Modular.Plugins.NodeAgent.Probes;

internal enum ProbeType
{
    Startup,
    Liveness,
    Readiness,
}

/// <summary>Asks one question of one run of a container again and again, and counts what counts.</summary>
internal sealed class ProbeLoop : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    /// <param name="probe">The thresholds and intervals.</param>
    /// <param name="initial">The verdict before the first one is reached.</param>
    /// <param name="startedAt">When the container was started.</param>
    /// <param name="ask">Asks once.</param>
    /// <param name="failed">Told every failure.</param>
    /// <param name="changed">Told when <see cref="Verdict"/> changed.</param>
    /// <param name="time">The clock.</param>
    public ProbeLoop(
        Probe probe, bool initial, DateTimeOffset startedAt, Func<CancellationToken, Task<ProbeAnswer>> ask, Action<string> failed, Action changed, TimeProvider time)
    {
        Verdict = initial;
        _loop = Task.Run(() => RunAsync(probe, startedAt, ask, failed, changed, time, _stop.Token));
    }

    /// <summary>What the container is held to be.</summary>
    public bool Verdict { get; private set; }

    /// <summary>True once the failures have reached the threshold.</summary>
    public bool Failed { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync(
        Probe probe, DateTimeOffset startedAt, Func<CancellationToken, Task<ProbeAnswer>> ask, Action<string> failed, Action changed, TimeProvider time, CancellationToken stop)
    {
        var first = startedAt + TimeSpan.FromSeconds(probe.InitialDelaySeconds) - time.GetUtcNow();
        if (first > TimeSpan.Zero)
        {
            await Task.Delay(first, time, stop).ConfigureAwait(false);
        }

        var (successes, failures) = (0, 0);
        while (true)
        {
            var answer = await ask(stop).ConfigureAwait(false);
            stop.ThrowIfCancellationRequested();
            if (answer.IsLost)
            {
                await Task.Delay(TimeSpan.FromSeconds(probe.PeriodSeconds), time, stop).ConfigureAwait(false);
                continue;
            }

            (successes, failures) = answer.Success ? (successes + 1, 0) : (0, failures + 1);
            if (!answer.Success)
            {
                failed(answer.Output);
            }

            if (successes >= probe.SuccessThreshold && !Verdict)
            {
                (Verdict, Failed) = (true, false);
                changed();
            }
            else if (failures >= probe.FailureThreshold && !Failed)
            {
                (Verdict, Failed) = (false, true);
                changed();
            }
            else if (answer.Success)
            {
                Failed = Failed && successes < probe.SuccessThreshold;
            }

            await Task.Delay(TimeSpan.FromSeconds(probe.PeriodSeconds), time, stop).ConfigureAwait(false);
        }
    }
}
