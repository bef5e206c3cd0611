using System.Text.Json.Nodes;

namespace Modular.Plugins.Scheduling.Trials;

/// <summary>What one scheduler did during a trial. Not thread-safe.</summary>
internal sealed class SchedulerFigures
{
    private readonly BatchTimes _times = new();
    private long _placed;
    private long _notPlaced;
    private long _overcommitted;

    /// <summary>The plugin.</summary>
    public string Scheduler { get; set; } = "";

    /// <summary>Pods it was asked to place.</summary>
    public long Pods { get; private set; }

    public long Failures { get; private set; }

    /// <summary>Pods of batches that failed.</summary>
    public long FailedPods { get; private set; }

    /// <summary>How its nodes are filled; null where that can't be told apart.</summary>
    public Packing? Packing { get; set; }

    public void Answered(int placed, int notPlaced, TimeSpan duration)
    {
        Pods += placed + notPlaced;
        _placed += placed;
        _notPlaced += notPlaced;
        _times.Add(duration);
    }

    /// <summary>What its last failure was; empty if it never failed.</summary>
    public string LastError { get; private set; } = "";

    public void Failed(int pods, string error)
    {
        LastError = error;
        Pods += pods;
        FailedPods += pods;
        Failures++;
    }

    public void Overcommitted() => _overcommitted++;

    public JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["scheduler"] = Scheduler,
            ["pods"] = Pods,
            ["placed"] = _placed,
            ["notPlaced"] = _notPlaced,
            ["failures"] = Failures,
            ["overcommitted"] = _overcommitted,
            ["batchMillisecondsP50"] = Math.Round(_times.Quantile(0.5), 3),
            ["batchMillisecondsP99"] = Math.Round(_times.Quantile(0.99), 3),
        };
        if (LastError.Length > 0)
        {
            json["lastError"] = LastError;
        }

        if (Packing is { } packing)
        {
            json["nodesUsed"] = packing.Nodes;
            json["cpuPercent"] = packing.CpuPercent;
            json["memoryPercent"] = packing.MemoryPercent;
        }

        return json;
    }
}
