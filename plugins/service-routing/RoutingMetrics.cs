using System.Diagnostics.Metrics;

namespace Modular.Plugins.ServiceRouting;

/// <summary>What the driver measures.</summary>
internal sealed class RoutingMetrics
{
    private readonly Counter<long> _deltas;
    private readonly Histogram<double> _applied;
    private readonly UpDownCounter<long> _problems;

    public RoutingMetrics(Meter meter)
    {
        _deltas = meter.CreateCounter<long>("modular_service_routing_deltas", description: "Deltas by receiver and kind.");
        _applied = meter.CreateHistogram<double>("modular_service_routing_apply_duration", "s", "Time a receiver took for a delta.");
        _problems = meter.CreateUpDownCounter<long>("modular_service_routing_problems", description: "What receivers cannot serve now.");
    }

    public void Applied(string receiver, bool whole, TimeSpan duration)
    {
        _deltas.Add(1, new("receiver", receiver), new("kind", whole ? "whole" : "difference"));
        _applied.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("receiver", receiver));
    }

    public void Problems(string receiver, int change) => _problems.Add(change, new KeyValuePair<string, object?>("receiver", receiver));
}
