using System.Text.Json;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>What an autoscaler measures, beside what it is to be.</summary>
internal static class AutoscalerTargets
{
    private const int Shown = 2;

    public static string Of(JsonElement autoscaler)
    {
        var metrics = autoscaler.Entries("spec.metrics").ToList();
        if (metrics.Count == 0)
        {
            return TableCells.None;
        }

        var current = autoscaler.Entries("status.currentMetrics").ToList();
        var texts = metrics.Take(Shown).Select((metric, index) => TextOf(metric, index < current.Count ? current[index] : default));
        return string.Join(", ", texts) + (metrics.Count > Shown ? $" + {metrics.Count - Shown} more..." : "");
    }

    private static string TextOf(JsonElement metric, JsonElement current)
    {
        var source = metric.GetString("type") switch
        {
            "Resource" => "resource",
            "ContainerResource" => "containerResource",
            "Pods" => "pods",
            "Object" => "object",
            "External" => "external",
            _ => "",
        };
        var name = source is "resource" or "containerResource" ? metric.GetString($"{source}.name") + ": " : "";
        if (metric.GetInt64($"{source}.target.averageUtilization") is { } percent)
        {
            return $"{name}{(current.GetInt64($"{source}.current.averageUtilization") is { } now ? $"{now}%" : TableCells.Unknown)}/{percent}%";
        }

        var isAverage = TableCells.Quantity(metric, $"{source}.target.averageValue") is { Length: > 0 };
        var field = isAverage ? "averageValue" : "value";
        var wanted = TableCells.Quantity(metric, $"{source}.target.{field}");
        var measured = current.ValueKind == JsonValueKind.Object ? TableCells.NumberOrText(current, $"{source}.current.{field}", TableCells.Unknown) : TableCells.Unknown;
        return $"{name}{measured}/{wanted}{(isAverage && source is "external" or "object" ? " (avg)" : "")}";
    }
}
