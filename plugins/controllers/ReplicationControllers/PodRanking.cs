using Modular.ApiMachinery;
using Modular.Models;

namespace Modular.Plugins.Controllers.ReplicationControllers;

/// <summary>
/// Which pods a controller gives up first: without a node, then pending, then not ready, then the cheaper ones (by annotation), then the
/// ready for the shorter time, then with more restarts, then the younger; the name decides what is left.
/// </summary>
internal sealed class PodRanking : IComparer<ApiObject>
{
    private const string DeletionCost = "controller.kubernetes.io/pod-deletion-cost";

    public static PodRanking Instance { get; } = new();

    public int Compare(ApiObject? x, ApiObject? y)
    {
        var (a, b) = (x!.AsPod(), y!.AsPod());
        return FirstDifference(
            (a.Spec.NodeName.Length > 0).CompareTo(b.Spec.NodeName.Length > 0),
            Phase(a).CompareTo(Phase(b)),
            a.Status.IsReady.CompareTo(b.Status.IsReady),
            Cost(a).CompareTo(Cost(b)),
            -ReadySince(a).CompareTo(ReadySince(b)),
            -Restarts(a).CompareTo(Restarts(b)),
            -x!.Metadata.CreationTimestamp.CompareTo(y!.Metadata.CreationTimestamp),
            string.CompareOrdinal(x.Metadata.Name, y.Metadata.Name));
    }

    private static int FirstDifference(params ReadOnlySpan<int> comparisons)
    {
        foreach (var comparison in comparisons)
        {
            if (comparison != 0)
            {
                return comparison;
            }
        }

        return 0;
    }

    private static int Phase(Pod pod) => pod.Status.Phase switch
    {
        "Pending" => 0,
        "Unknown" => 1,
        _ => 2,
    };

    private static int Cost(Pod pod) => pod.Metadata.Annotations.TryGetValue(DeletionCost, out var text) && int.TryParse(text, out var cost) ? cost : 0;

    private static DateTimeOffset ReadySince(Pod pod) =>
        Condition.Find(pod.Status.Conditions, "Ready") is { IsTrue: true, LastTransitionTime: { } since } ? since : DateTimeOffset.MinValue;

    private static int Restarts(Pod pod)
    {
        var most = 0;
        foreach (var container in pod.Status.ContainerStatuses)
        {
            most = Math.Max(most, container.RestartCount);
        }

        return most;
    }
}
