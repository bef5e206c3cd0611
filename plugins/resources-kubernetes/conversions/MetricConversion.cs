using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Conversions;

/// <summary>
/// Metrics of autoscalers as autoscaling/v1 writes them into annotations: what is wanted (<see cref="Specs"/>) and what was measured
/// (<see cref="Statuses"/>). The shapes follow the Go types of k8s.io/api/autoscaling/v1.
/// </summary>
internal sealed class MetricConversion
{
    private readonly Dictionary<string, FieldMoves> _bySource;
    private readonly bool _hasTargets;

    private MetricConversion(string value, string prefix, bool hasTargets)
    {
        _hasTargets = hasTargets;
        var (utilization, average, plain) = ($"{prefix}AverageUtilization", $"{prefix}AverageValue", $"{prefix}Value");
        _bySource = new(StringComparer.Ordinal)
        {
            ["resource"] = new(($"{value}.averageUtilization", utilization), ($"{value}.averageValue", average)),
            ["containerResource"] = new(($"{value}.averageUtilization", utilization), ($"{value}.averageValue", average)),
            ["pods"] = new(("metric.name", "metricName"), ("metric.selector", "selector"), ($"{value}.averageValue", average)),
            // What is described comes where the target was, once that is empty.
            ["object"] = new(
                ($"{value}.value", plain), ($"{value}.averageValue", "averageValue"), ("describedObject", "target"),
                ("metric.name", "metricName"), ("metric.selector", "selector")),
            ["external"] = new(
                ("metric.name", "metricName"), ("metric.selector", "metricSelector"), ($"{value}.value", plain), ($"{value}.averageValue", average)),
        };
    }

    /// <summary>What is wanted.</summary>
    public static MetricConversion Specs { get; } = new("target", "target", hasTargets: true);

    /// <summary>What was measured.</summary>
    public static MetricConversion Statuses { get; } = new("current", "current", hasTargets: false);

    public JsonObject ToServed(JsonObject metric)
    {
        var served = (JsonObject)metric.DeepClone();
        foreach (var (name, moves) in _bySource)
        {
            if (served[name] is not JsonObject source)
            {
                continue;
            }

            if (_hasTargets)
            {
                // Which value there is says it.
                source.GetObject("target")?.Remove("type");
            }

            moves.ToServed(source);
        }

        return served;
    }

    public JsonObject ToStored(JsonObject metric)
    {
        var stored = (JsonObject)metric.DeepClone();
        foreach (var (name, moves) in _bySource)
        {
            if (stored[name] is not JsonObject source)
            {
                continue;
            }

            moves.ToStored(source);
            if (_hasTargets && source["target"] is JsonObject target)
            {
                target.Insert(0, "type", target.ContainsKey("averageUtilization") ? "Utilization" : target.ContainsKey("averageValue") ? "AverageValue" : "Value");
            }
        }

        return stored;
    }
}
