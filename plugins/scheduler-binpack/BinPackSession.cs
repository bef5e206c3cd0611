using Modular.Abstractions;
using Modular.Toolkit;

namespace Modular.Plugins.SchedulerBinpack;

/// <summary>
/// Prefers nodes that carry pods already, then nodes that have nothing special the pod does not ask for, then the fullest one.
/// </summary>
internal sealed class BinPackSession : ScoringSession
{
    private const long InUse = 1_000_000;
    private const long NothingWasted = 100_000;

    protected override long Score(NodeRoom room, SchedulingPod pod)
    {
        var has = room.Node.Allocatable;
        var wants = pod.Requests;
        var score = Fullness(room.MilliCpu + wants.MilliCpu, has.MilliCpu) + Fullness(room.Memory + wants.Memory, has.Memory);
        if (room.Pods > 0)
        {
            score += InUse;
        }

        if (has.Extended.Count == 0)
        {
            return score + NothingWasted;
        }

        var wasted = false;
        foreach (var (name, amount) in has.Extended)
        {
            if (wants.Extended.TryGetValue(name, out var wanted) && wanted > 0)
            {
                score += Fullness(room.Extended(name) + wanted, amount);
            }
            else
            {
                wasted = true;
            }
        }

        return wasted ? score : score + NothingWasted;
    }

    // In thousandths; a full node counts 1000.
    private static long Fullness(long taken, long has) => has <= 0 ? 0 : (long)(taken * 1000.0 / has);
}
