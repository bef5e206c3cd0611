using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Toolkit;

/// <summary>What a pod that is not over uses.</summary>
internal static class PodUsage
{
    private const string Requests = "requests.";
    private const string Limits = "limits.";
    private static readonly string[] AffinityTerms =
    [
        "affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution", "affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution",
    ];

    private static readonly string[] WeightedTerms =
    [
        "affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution", "affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution",
    ];

    public static void Add(JsonObject spec, Dictionary<string, Quantity> usage)
    {
        foreach (var (resource, amount) in PodAmounts.Requests(spec))
        {
            if (IsCompute(resource) || resource.StartsWith("hugepages-", StringComparison.Ordinal))
            {
                usage[resource] = amount;
                usage[Requests + resource] = amount;
            }
            else if (resource.Contains('/', StringComparison.Ordinal))
            {
                usage[Requests + resource] = amount;
            }
        }

        foreach (var (resource, amount) in PodAmounts.Limits(spec))
        {
            if (IsCompute(resource))
            {
                usage[Limits + resource] = amount;
            }
        }
    }

    public static bool LooksIntoOtherNamespaces(JsonObject spec) =>
        spec["affinity"] is JsonObject
        && (AffinityTerms.Any(path => spec.Objects(path).Any(LooksAway))
            || WeightedTerms.Any(path => spec.Objects(path).Any(static weighted => weighted["podAffinityTerm"] is JsonObject term && LooksAway(term))));

    private static bool LooksAway(JsonObject term) => term["namespaces"] is JsonArray { Count: > 0 } || term["namespaceSelector"] is JsonObject;

    private static bool IsCompute(string resource) => resource is "cpu" or "memory" or "ephemeral-storage";
}
