using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Toolkit;

/// <summary>What a pod as a whole asks for, and may use at most, of each resource. Forgiving: what is no amount is not counted.</summary>
public static class PodAmounts
{
    private const string RequestList = "requests";
    private const string LimitList = "limits";

    /// <summary>
    /// The containers' sum, or the largest init container's (on top of the init containers that run on beside the others) if that is more; what the pod states itself
    /// instead; and the overhead.
    /// </summary>
    public static Dictionary<string, Quantity> Requests(JsonObject spec) => Of(spec, RequestList);

    /// <summary>The same of limits. Overhead counts for resources that are limited.</summary>
    public static Dictionary<string, Quantity> Limits(JsonObject spec) => Of(spec, LimitList);

    /// <summary>What one container asks for.</summary>
    public static Dictionary<string, Quantity> RequestsOf(JsonObject container) => Read(container, RequestList);

    /// <summary>What one container may use at most.</summary>
    public static Dictionary<string, Quantity> LimitsOf(JsonObject container) => Read(container, LimitList);

    /// <summary>The amounts in a map from resources to amounts; empty if there is none.</summary>
    public static Dictionary<string, Quantity> Read(JsonObject? amounts)
    {
        var read = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        foreach (var (resource, amount) in amounts ?? [])
        {
            if (amount.AsString() is { } text && Quantity.TryParse(text, out var quantity))
            {
                read[resource] = quantity;
            }
            else if (amount.AsInt64() is { } number)
            {
                read[resource] = Quantity.From(number);
            }
        }

        return read;
    }

    private static Dictionary<string, Quantity> Of(JsonObject spec, string list)
    {
        var sum = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        foreach (var container in spec.Objects("containers"))
        {
            Add(sum, Read(container, list));
        }

        var running = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        var most = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        foreach (var container in spec.Objects("initContainers"))
        {
            var own = Read(container, list);
            if (container["restartPolicy"].AsString() == "Always")
            {
                Add(sum, own);
                Add(running, own);
                RaiseTo(most, running);
            }
            else
            {
                Add(own, running);
                RaiseTo(most, own);
            }
        }

        RaiseTo(sum, most);
        foreach (var (resource, amount) in Read(spec, list))
        {
            sum[resource] = amount;
        }

        foreach (var (resource, amount) in Read(spec["overhead"] as JsonObject))
        {
            if (list == RequestList || sum.GetValueOrDefault(resource) > Quantity.Zero)
            {
                sum[resource] = sum.GetValueOrDefault(resource) + amount;
            }
        }

        return sum;
    }

    private static Dictionary<string, Quantity> Read(JsonObject owner, string list) => Read((owner["resources"] as JsonObject)?[list] as JsonObject);

    private static void Add(Dictionary<string, Quantity> sum, Dictionary<string, Quantity> amounts)
    {
        foreach (var (resource, amount) in amounts)
        {
            sum[resource] = sum.GetValueOrDefault(resource) + amount;
        }
    }

    private static void RaiseTo(Dictionary<string, Quantity> sum, Dictionary<string, Quantity> least)
    {
        foreach (var (resource, amount) in least)
        {
            if (!sum.TryGetValue(resource, out var present) || present < amount)
            {
                sum[resource] = amount;
            }
        }
    }
}
