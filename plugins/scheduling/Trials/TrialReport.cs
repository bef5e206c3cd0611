using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;

namespace Modular.Plugins.Scheduling.Trials;

/// <summary>How a candidate does beside the live scheduler. Thread-safe.</summary>
internal sealed class TrialReport(string candidate, DateTimeOffset since)
{
    private const int MostDifferences = 10;

    private readonly Lock _lock = new();
    private readonly Queue<(string Pod, string Live, string Candidate)> _differences = new();
    private readonly SchedulerFigures _live = new();
    private readonly SchedulerFigures _candidate = new() { Scheduler = candidate };
    private long _compared;
    private long _same;
    private long _skipped;

    /// <summary>The live scheduler has answered.</summary>
    public void LiveAnswered(string scheduler, int placed, int notPlaced, TimeSpan duration)
    {
        lock (_lock)
        {
            _live.Scheduler = scheduler;
            _live.Answered(placed, notPlaced, duration);
        }
    }

    public void LiveFailed(int pods, string error)
    {
        lock (_lock)
        {
            _live.Failed(pods, error);
        }
    }

    public void LiveOvercommitted()
    {
        lock (_lock)
        {
            _live.Overcommitted();
        }
    }

    public void CandidateAnswered(int placed, int notPlaced, TimeSpan duration)
    {
        lock (_lock)
        {
            _candidate.Answered(placed, notPlaced, duration);
        }
    }

    /// <returns>The failures so far, and the share of pods they hit, in percent.</returns>
    public (long Failures, double Percent) CandidateFailed(int pods, string error)
    {
        lock (_lock)
        {
            _candidate.Failed(pods, error);
            return (_candidate.Failures, 100.0 * _candidate.FailedPods / Math.Max(1, _candidate.Pods));
        }
    }

    public void CandidateOvercommitted()
    {
        lock (_lock)
        {
            _candidate.Overcommitted();
        }
    }

    /// <summary>Pods that the candidate was not asked about, because it had not done with others.</summary>
    public void Skipped(int pods)
    {
        lock (_lock)
        {
            _skipped += pods;
        }
    }

    /// <summary>Where both would have one pod run; empty for nowhere.</summary>
    public void Compared(SchedulingPod pod, string live, string candidate)
    {
        lock (_lock)
        {
            _compared++;
            if (live == candidate)
            {
                _same++;
                return;
            }

            _differences.Enqueue(($"{pod.Namespace}/{pod.Name}", live, candidate));
            if (_differences.Count > MostDifferences)
            {
                _differences.Dequeue();
            }
        }
    }

    public void Packed(Packing live, Packing candidate)
    {
        lock (_lock)
        {
            _live.Packing = live;
            _candidate.Packing = candidate;
        }
    }

    public JsonObject ToJson()
    {
        lock (_lock)
        {
            var differences = new JsonArray();
            foreach (var (pod, live, candidate) in _differences)
            {
                differences.Add((JsonNode)new JsonObject { ["pod"] = pod, ["live"] = live, ["candidate"] = candidate });
            }

            return new JsonObject
            {
                ["since"] = KubernetesTime.Format(since),
                ["live"] = _live.ToJson(),
                ["candidate"] = _candidate.ToJson(),
                ["compared"] = _compared,
                ["sameNode"] = _same,
                ["skipped"] = _skipped,
                ["differences"] = differences,
            };
        }
    }
}
