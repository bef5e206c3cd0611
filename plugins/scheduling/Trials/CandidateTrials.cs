using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Modular.Abstractions;

namespace Modular.Plugins.Scheduling.Trials;

/// <summary>The candidates that are tried now. The driver's loop calls everything.</summary>
internal sealed class CandidateTrials(
    CandidateHandle<IScheduler> candidates, ReservationLedger ledger, ChannelWriter<DriverMessage> driver, SchedulingOptions options,
    string directory, SchedulingMetrics metrics, TimeProvider time, ILogger log) : IAsyncDisposable
{
    private readonly List<CandidateTrial> _trials = [];
    private readonly List<Task> _ending = [];

    /// <summary>Begins and ends trials as there are candidates.</summary>
    public void Follow()
    {
        _ending.RemoveAll(ending => ending.IsCompleted);
        var wanted = candidates.AcquireAll();
        for (var i = _trials.Count - 1; i >= 0; i--)
        {
            if (!wanted.Any(candidate => candidate.Provider == _trials[i].Provider))
            {
                End(_trials[i]);
                _trials.RemoveAt(i);
            }
        }

        foreach (var candidate in wanted)
        {
            if (_trials.Exists(trial => trial.Provider == candidate.Provider))
            {
                candidate.Dispose();
            }
            else
            {
                var placements = new PlacementLog(directory, candidate.Provider.Name, time, log);
                _trials.Add(new CandidateTrial(candidate, ledger.OpenFeed(), driver, options, placements, metrics, time, log));
            }
        }
    }

    /// <summary>Takes the pods that canaries place out of a batch and gives each canary its own.</summary>
    public void TakeOut(List<PendingPod> batch)
    {
        foreach (var trial in _trials)
        {
            if (!trial.IsCanary || !trial.CanTake)
            {
                continue;
            }

            var taken = new List<PendingPod>();
            batch.RemoveAll(pod =>
            {
                var takes = !pod.IsForLive && trial.Wants(pod.Pod);
                if (takes)
                {
                    taken.Add(pod);
                }

                return takes;
            });
            if (taken.Count > 0)
            {
                trial.Ask(taken);
            }
        }
    }

    /// <summary>The live scheduler has answered, and nothing was done yet with what it says.</summary>
    public void Compare(string scheduler, IReadOnlyList<SchedulingPod> pods, IReadOnlyList<Placement> placements, TimeSpan duration)
    {
        foreach (var trial in _trials)
        {
            var asked = new List<SchedulingPod>(pods.Count);
            var live = new List<string>(pods.Count);
            for (var i = 0; i < pods.Count; i++)
            {
                if (trial.IsCanary || trial.Wants(pods[i]))
                {
                    asked.Add(pods[i]);
                    live.Add(placements[i].NodeName);
                }
            }

            if (asked.Count == 0)
            {
                continue;
            }

            var placed = live.Count(node => node.Length > 0);
            trial.Report.LiveAnswered(scheduler, placed, asked.Count - placed, duration);
            trial.ReportSoon();
            if (trial.IsCanary)
            {
                continue;
            }

            if (trial.CanTake)
            {
                trial.Ask(asked, live);
            }
            else
            {
                trial.Report.Skipped(asked.Count);
            }
        }
    }

    public void LiveFailed(int pods, string error)
    {
        foreach (var trial in _trials)
        {
            trial.Report.LiveFailed(pods, error);
            trial.ReportSoon();
        }
    }

    public void LiveOvercommitted()
    {
        foreach (var trial in _trials)
        {
            trial.Report.LiveOvercommitted();
            trial.ReportSoon();
        }
    }

    /// <summary>A pod is gone, which may never have had a node in the true cluster.</summary>
    public void Forget(string uid)
    {
        foreach (var trial in _trials)
        {
            trial.Truth.TouchPod(uid);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var trial in _trials)
        {
            End(trial);
        }

        _trials.Clear();
        await Task.WhenAll(_ending).ConfigureAwait(false);
    }

    private void End(CandidateTrial trial)
    {
        ledger.CloseFeed(trial.Truth);
        _ending.Add(trial.DisposeAsync().AsTask());
    }
}
