using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Modular.Toolkit;

/// <summary>What runners measure, with the controller's name as a tag. One instance per meter.</summary>
public sealed class ControllerMetrics
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Func<int>> _depths = [];
    private readonly Counter<long> _reconciles;
    private readonly Histogram<double> _durations;

    /// <summary>Registers the instruments.</summary>
    public ControllerMetrics(Meter meter)
    {
        _reconciles = meter.CreateCounter<long>("modular_controller_reconciles", description: "Reconciles by controller and result.");
        _durations = meter.CreateHistogram<double>("modular_controller_reconcile_duration", "s", "Time of one reconcile.");
        meter.CreateObservableGauge("modular_controller_queue_depth", Depths, description: "Keys that wait for a worker.");
    }

    internal void Reconciled(string controller, TimeSpan duration, bool failed)
    {
        var tag = new KeyValuePair<string, object?>("controller", controller);
        _reconciles.Add(1, tag, new KeyValuePair<string, object?>("result", failed ? "error" : "success"));
        _durations.Record(duration.TotalSeconds, tag);
    }

    internal IDisposable Observe(string controller, Func<int> depth)
    {
        lock (_gate)
        {
            _depths[controller] = depth;
        }

        return new Observation(this, controller);
    }

    private Measurement<int>[] Depths()
    {
        lock (_gate)
        {
            return [.. _depths.Select(d => new Measurement<int>(d.Value(), new TagList { { "controller", d.Key } }))];
        }
    }

    private sealed class Observation(ControllerMetrics metrics, string controller) : IDisposable
    {
        public void Dispose()
        {
            lock (metrics._gate)
            {
                metrics._depths.Remove(controller);
            }
        }
    }
}
