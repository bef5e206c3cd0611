using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>pods/eviction: deletes a pod, unless its disruption budget has nothing left.</summary>
internal sealed class PodEvictionAction(DisruptionBudgets budgets) : ISubresourceAction
{
    public async ValueTask<ActionAnswer> ApplyAsync(StrategyContext context, JsonObject request, JsonObject obj, CancellationToken cancellationToken)
    {
        var options = request.GetObject("deleteOptions");
        var dryRun = context.DryRun || options?.GetArray("dryRun") is { Count: > 0 };
        if (CountsFor(obj))
        {
            await budgets.TakeAsync(obj, context.Now, dryRun, cancellationToken).ConfigureAwait(false);
        }

        return new ActionAnswer
        {
            Deletion = new DeleteOptions
            {
                GracePeriodSeconds = options?.GetInt64("gracePeriodSeconds"),
                PropagationPolicy = options?.GetString("propagationPolicy") ?? "",
                Uid = options?.GetString("preconditions.uid") ?? obj.GetString("metadata.uid") ?? "",
                ResourceVersion = options?.GetString("preconditions.resourceVersion") ?? "",
            },
        };
    }

    /// <summary>A pod that does not run, or ends anyway, is nobody's disruption.</summary>
    private static bool CountsFor(JsonObject pod) =>
        pod.GetString("status.phase") is not ("Succeeded" or "Failed" or "Pending") && pod.GetString("metadata.deletionTimestamp") is null;
}
