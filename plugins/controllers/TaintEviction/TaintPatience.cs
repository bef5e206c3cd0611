using Modular.Abstractions;
using Modular.Models;
using Modular.Toolkit;

namespace Modular.Plugins.Controllers.TaintEviction;

/// <summary>How long a pod bears the taints of its node.</summary>
internal static class TaintPatience
{
    public const string NoExecute = "NoExecute";

    /// <summary>The shortest time that one of the taints is borne; null for ever.</summary>
    public static TimeSpan? Of(IReadOnlyList<PodToleration> tolerations, IReadOnlyList<NodeTaint> taints)
    {
        TimeSpan? shortest = null;
        foreach (var taint in taints)
        {
            if (taint.Effect != NoExecute)
            {
                continue;
            }

            if (Bearing(tolerations, taint) is not { } toleration)
            {
                return TimeSpan.Zero;
            }

            if (toleration.TolerationSeconds is { } seconds)
            {
                var patience = TimeSpan.FromSeconds(Math.Max(0, seconds));
                shortest = shortest is { } other && other < patience ? other : patience;
            }
        }

        return shortest;
    }

    private static PodToleration? Bearing(IReadOnlyList<PodToleration> tolerations, NodeTaint taint)
    {
        var wanted = new Taint(taint.Key, taint.Value, taint.Effect);
        return tolerations.FirstOrDefault(
            toleration => NodeFit.Tolerates([new Toleration(toleration.Key, toleration.Operator, toleration.Value, toleration.Effect)], wanted));
    }
}
