using System.Text.Json;
using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Conversions;

/// <summary>
/// Autoscalers of autoscaling/v1, which know one metric, the use of CPU. What else autoscaling/v2 says stands in annotations there, and comes back out of
/// them.
/// </summary>
internal sealed class HorizontalPodAutoscalerConversion : IObjectConversion
{
    private const string Prefix = "autoscaling.alpha.kubernetes.io/";
    private const string MetricsAnnotation = Prefix + "metrics";
    private const string CurrentMetricsAnnotation = Prefix + "current-metrics";
    private const string ConditionsAnnotation = Prefix + "conditions";
    private const string BehaviorAnnotation = Prefix + "behavior";

    private HorizontalPodAutoscalerConversion()
    {
    }

    public static HorizontalPodAutoscalerConversion Instance { get; } = new();

    public void FromStored(JsonObject obj)
    {
        if (obj.GetObject("spec") is { } spec)
        {
            spec.Remove("metrics", out var metrics);
            var all = (metrics as JsonArray ?? []).OfType<JsonObject>().ToList();
            var cpu = all.Find(IsCpuUse);
            if (cpu?.GetInt64("resource.target.averageUtilization") is { } percentage)
            {
                spec["targetCPUUtilizationPercentage"] = percentage;
            }

            Annotate(obj, MetricsAnnotation, [.. all.Where(m => m != cpu).Select(MetricConversion.Specs.ToServed)]);
            if (spec.Remove("behavior", out var behavior) && behavior is not null)
            {
                Annotate(obj, BehaviorAnnotation, behavior);
            }
        }

        if (obj.GetObject("status") is { } status)
        {
            status.Remove("currentMetrics", out var metrics);
            var all = (metrics as JsonArray ?? []).OfType<JsonObject>().ToList();
            if (all.Find(IsCpu)?.GetInt64("resource.current.averageUtilization") is { } percentage)
            {
                status["currentCPUUtilizationPercentage"] = percentage;
            }

            Annotate(obj, CurrentMetricsAnnotation, [.. all.Select(MetricConversion.Statuses.ToServed)]);
            if (status.Remove("conditions", out var conditions) && conditions is JsonArray { Count: > 0 })
            {
                Annotate(obj, ConditionsAnnotation, conditions);
            }
        }
    }

    public void ToStored(JsonObject obj)
    {
        var metrics = new JsonArray([.. ReadList(obj, MetricsAnnotation).Select(MetricConversion.Specs.ToStored)]);
        if (obj.GetObject("spec") is { } spec)
        {
            if (spec.Remove("targetCPUUtilizationPercentage", out var percentage) && percentage is not null)
            {
                metrics.Add(Cpu("target", new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = percentage }));
            }

            if (metrics.Count > 0)
            {
                spec["metrics"] = metrics;
            }

            if (Read(obj, BehaviorAnnotation) is { } behavior)
            {
                spec["behavior"] = behavior;
            }
        }

        // The annotation tells more than the field, which was made of it.
        var current = new JsonArray([.. ReadList(obj, CurrentMetricsAnnotation).Select(MetricConversion.Statuses.ToStored)]);
        var conditions = Read(obj, ConditionsAnnotation);
        if (obj.GetObject("status") is { } status)
        {
            if (status.Remove("currentCPUUtilizationPercentage", out var percentage) && percentage is not null && current.Count == 0)
            {
                current.Add(Cpu("current", new JsonObject { ["averageUtilization"] = percentage }));
            }

            if (current.Count > 0)
            {
                status["currentMetrics"] = current;
            }

            if (conditions is not null)
            {
                status["conditions"] = conditions;
            }
        }
    }

    private static bool IsCpu(JsonObject metric) => metric.GetString("type") == "Resource" && metric.GetString("resource.name") == "cpu";

    private static bool IsCpuUse(JsonObject metric) => IsCpu(metric) && metric.GetInt64("resource.target.averageUtilization") is not null;

    private static JsonObject Cpu(string what, JsonObject value) => new() { ["type"] = "Resource", ["resource"] = new JsonObject { ["name"] = "cpu", [what] = value } };

    private static void Annotate(JsonObject obj, string name, IReadOnlyCollection<JsonObject> values)
    {
        if (values.Count > 0)
        {
            Annotate(obj, name, new JsonArray([.. values]));
        }
    }

    private static void Annotate(JsonObject obj, string name, JsonNode value) =>
        obj.GetOrAddObject("metadata.annotations")[name] = value.ToJsonString();

    private static IEnumerable<JsonObject> ReadList(JsonObject obj, string annotation) => (Read(obj, annotation) as JsonArray ?? []).OfType<JsonObject>();

    /// <summary>Takes the value out of an annotation.</summary>
    private static JsonNode? Read(JsonObject obj, string annotation)
    {
        if (obj.GetObject("metadata.annotations") is not { } annotations || !annotations.Remove(annotation, out var text))
        {
            return null;
        }

        if (annotations.Count == 0)
        {
            obj.GetObject("metadata")!.Remove("annotations");
        }

        try
        {
            return JsonNode.Parse(text.AsString() ?? "null");
        }
        catch (JsonException)
        {
            throw new ApiException(StatusReason.BadRequest, $"metadata.annotations[{annotation}]: is not JSON, as what other versions of the object say must be");
        }
    }
}
