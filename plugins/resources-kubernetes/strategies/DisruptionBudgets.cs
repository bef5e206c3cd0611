using System.Globalization;
using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>
/// The disruptions that pod disruption budgets still allow. Taking one writes it into the budget's status, so that many who evict at once take no more than
/// there are; the controller of budgets makes it good when it sees the pod gone. Thread-safe.
/// </summary>
/// <param name="api">The API, which is made of this plugin and there only later.</param>
internal sealed class DisruptionBudgets(Func<IApiClient> api)
{
    private const int RetryAfterSeconds = 10;
    private const int MostUnconfirmed = 2000;

    private static readonly GroupVersionResource Resource = new("policy", "v1", "poddisruptionbudgets");

    /// <summary>Takes a disruption for a pod, if a budget counts it.</summary>
    /// <exception cref="ApiException">TooManyRequests: there is none left now.</exception>
    public async ValueTask TakeAsync(JsonObject pod, DateTimeOffset now, bool dryRun, CancellationToken cancellationToken)
    {
        while (await FindAsync(pod, cancellationToken).ConfigureAwait(false) is { } budget && !AllowsAnyway(pod, budget))
        {
            Demand(budget);
            if (dryRun)
            {
                return;
            }

            var changed = budget.GetObject("status")!;
            changed["disruptionsAllowed"] = (changed.GetInt64("disruptionsAllowed") ?? 0) - 1;
            budget.GetOrAddObject("status.disruptedPods")[pod.GetString("metadata.name") ?? ""] = KubernetesTime.Format(now);
            try
            {
                var name = new ResourceName(Resource, budget.GetString("metadata.namespace") ?? "", budget.GetString("metadata.name") ?? "");
                await api().UpdateAsync(name, budget, "status", cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (ApiException error) when (error.Reason is StatusReason.Conflict or StatusReason.NotFound)
            {
                // Somebody else took one, or the controller counted: what is left is looked at again.
            }
        }
    }

    /// <summary>The budget that counts the pod, or null.</summary>
    private async ValueTask<JsonObject?> FindAsync(JsonObject pod, CancellationToken cancellationToken)
    {
        var labels = pod.GetStringMap("metadata.labels");
        var scope = new ResourceScope(Resource) { Namespace = pod.GetString("metadata.namespace") ?? "" };
        var list = await api().ListAsync(scope, cancellationToken).ConfigureAwait(false);
        var counting = list.Items.Select(budget => budget.ToJsonObject())
            .Where(budget => budget.GetObject("spec.selector") is { } selector && LabelSelector.From(selector).Matches(labels)).Take(2).ToList();
        return counting.Count < 2 ? counting.FirstOrDefault() : throw new ApiException(
            StatusReason.InternalError, "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
    }

    /// <summary>A pod that is not ready disrupts nobody where the budget says so: always, or while enough others are healthy.</summary>
    private static bool AllowsAnyway(JsonObject pod, JsonObject budget)
    {
        if (pod.Objects("status.conditions").Any(condition => condition.GetString("type") == "Ready" && condition.GetString("status") == "True"))
        {
            return false;
        }

        var (healthy, desired) = (budget.GetInt64("status.currentHealthy") ?? 0, budget.GetInt64("status.desiredHealthy") ?? 0);
        return budget.GetString("spec.unhealthyPodEvictionPolicy") == "AlwaysAllow" || (healthy >= desired && desired > 0);
    }

    private static void Demand(JsonObject budget)
    {
        var name = budget.GetString("metadata.name") ?? "";
        var allowed = budget.GetInt64("status.disruptionsAllowed") ?? 0;
        if ((budget.GetInt64("status.observedGeneration") ?? 0) < (budget.GetInt64("metadata.generation") ?? 0))
        {
            throw Refuse($"The disruption budget {name} is still being processed by the server.", RetryAfterSeconds);
        }

        if (allowed < 0)
        {
            throw Forbid(name, "pdb disruptions allowed is negative");
        }

        if (budget.GetObject("status.disruptedPods") is { Count: > MostUnconfirmed })
        {
            throw Forbid(name, "DisruptedPods map too big - too many evictions not confirmed by PDB controller");
        }

        if (allowed == 0)
        {
            var (desired, current) = (budget.GetInt64("status.desiredHealthy") ?? 0, budget.GetInt64("status.currentHealthy") ?? 0);
            throw Refuse(string.Create(CultureInfo.InvariantCulture, $"The disruption budget {name} needs {desired} healthy pods and has {current} currently"), 0);
        }
    }

    private static ApiException Refuse(string why, int retryAfter) => new(
        new ApiStatus(StatusReason.TooManyRequests, "Cannot evict pod as it would violate the pod's disruption budget.")
        {
            Causes = [new StatusCause("DisruptionBudget", why, "")],
            RetryAfterSeconds = retryAfter,
        });

    private static ApiException Forbid(string name, string why) => new(
        new ApiStatus(StatusReason.Forbidden, $"poddisruptionbudgets.policy \"{name}\" is forbidden: {why}") { Group = "policy", Kind = "poddisruptionbudgets", Name = name });
}
