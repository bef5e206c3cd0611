using System.Diagnostics.Metrics;

namespace Modular.Plugins.Scheduling;

/// <summary>What the driver measures.</summary>
internal sealed class SchedulingMetrics
{
    private readonly Counter<long> _bindings;
    private readonly Counter<long> _refusals;
    private readonly Histogram<double> _batches;
    private readonly Counter<long> _trialPods;
    private readonly Counter<long> _trialFailures;
    private int _pending;
    private int _unschedulable;

    public SchedulingMetrics(Meter meter)
    {
        _bindings = meter.CreateCounter<long>("modular_scheduling_bindings", description: "Bindings by result.");
        _refusals = meter.CreateCounter<long>(
            "modular_scheduling_refused_placements", description: "Placements of the scheduler that the driver refused because they do not fit.");
        _batches = meter.CreateHistogram<double>("modular_scheduling_batch_duration", "s", "Time a scheduler took for a batch.");
        _trialPods = meter.CreateCounter<long>("modular_scheduling_trial_pods", description: "Pods that candidates were asked to place, by result.");
        _trialFailures = meter.CreateCounter<long>("modular_scheduling_trial_failures", description: "Batches that candidates failed.");
        meter.CreateObservableGauge("modular_scheduling_pending_pods", () => Volatile.Read(ref _pending), description: "Pods without a node.");
        meter.CreateObservableGauge(
            "modular_scheduling_unschedulable_pods", () => Volatile.Read(ref _unschedulable), description: "Pods that fit nowhere now.");
    }

    public void Bound(bool success) => _bindings.Add(1, new KeyValuePair<string, object?>("result", success ? "bound" : "failed"));

    public void Refused() => _refusals.Add(1);

    public void Batch(TimeSpan duration) => _batches.Record(duration.TotalSeconds);

    public void TrialPods(string candidate, int placed, int notPlaced)
    {
        var name = new KeyValuePair<string, object?>("candidate", candidate);
        _trialPods.Add(placed, name, new KeyValuePair<string, object?>("result", "placed"));
        _trialPods.Add(notPlaced, name, new KeyValuePair<string, object?>("result", "refused"));
    }

    public void TrialFailure(string candidate) => _trialFailures.Add(1, new KeyValuePair<string, object?>("candidate", candidate));

    public void Queue(int pending, int unschedulable)
    {
        Volatile.Write(ref _pending, pending);
        Volatile.Write(ref _unschedulable, unschedulable);
    }
}
