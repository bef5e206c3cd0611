using Modular.Abstractions;
using Modular.Toolkit;

namespace Modular.Plugins.SchedulerSpread;

/// <summary>Prefers nodes with the fewest pods of the same controller, then the emptiest one.</summary>
internal sealed class SpreadSession : ScoringSession
{
    private const long Sibling = 1_000_000;

    protected override long Score(NodeRoom room, SchedulingPod pod)
    {
        var has = room.Node.Allocatable;
        var wants = pod.Requests;
        return Free(room.MilliCpu + wants.MilliCpu, has.MilliCpu)
            + Free(room.Memory + wants.Memory, has.Memory)
            + Free(room.Pods + wants.Pods, has.Pods)
            - Sibling * room.Siblings(pod.OwnerUid);
    }

    // In thousandths; an empty node counts 1000.
    private static long Free(long taken, long has) => has <= 0 ? 0 : 1000 - (long)(taken * 1000.0 / has);
}
