using System.Text.Json.Nodes;
using Modular.Toolkit;

namespace Modular.Plugins.AdmissionKubernetes.Quotas;

/// <summary>What each container has to say of itself where a quota limits it: what is not said can't be counted.</summary>
internal static class QuotaRequirements
{
    public static bool IsRequired(string name) => name is "cpu" or "memory" or "requests.cpu" or "requests.memory" or "limits.cpu" or "limits.memory";

    /// <summary>What containers leave out, as Kubernetes lists it: <c>cpu for: a,b; limits.memory for: a</c>. Empty for nothing.</summary>
    public static string MissingIn(JsonObject spec, IEnumerable<string> names)
    {
        // A pod may say it as a whole.
        if (spec["resources"] is JsonObject { Count: > 0 })
        {
            return "";
        }

        var missing = new List<string>();
        foreach (var name in names.Where(IsRequired).Order(StringComparer.Ordinal))
        {
            var silent = spec.Objects("containers").Concat(spec.Objects("initContainers"))
                .Where(container => !Says(container, name)).Select(static container => container["name"].AsString() ?? "").Distinct().Order(StringComparer.Ordinal).ToList();
            if (silent.Count > 0)
            {
                missing.Add($"{name} for: {string.Join(",", silent)}");
            }
        }

        return string.Join("; ", missing);
    }

    private static bool Says(JsonObject container, string name) => name.StartsWith("limits.", StringComparison.Ordinal)
        ? PodAmounts.LimitsOf(container).ContainsKey(name["limits.".Length..])
        : PodAmounts.RequestsOf(container).ContainsKey(name.StartsWith("requests.", StringComparison.Ordinal) ? name["requests.".Length..] : name);
}
