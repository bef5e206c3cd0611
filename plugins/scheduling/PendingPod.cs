using Modular.Abstractions;
using Modular.ApiMachinery;

namespace Modular.Plugins.Scheduling;

/// <summary>Where a pod without a node stands.</summary>
internal enum PendingState
{
    /// <summary>Waits for the next batch.</summary>
    Ready,
    /// <summary>Will be ready when its back-off ends.</summary>
    BackingOff,
    /// <summary>Fits nowhere; waits for a change of the cluster.</summary>
    Unschedulable,
    /// <summary>Is being placed or bound.</summary>
    InFlight,
    /// <summary>Needs no node any more.</summary>
    Gone,
}

/// <summary>A pod without a node.</summary>
internal sealed class PendingPod
{
    private volatile string _verdict = "";

    public PendingPod(ApiObject obj, long arrival)
    {
        Object = obj;
        Pod = PodReading.Read(obj);
        Order = new PendingOrder(-Pod.Priority, obj.Metadata.CreationTimestamp.UtcTicks, arrival);
    }

    public ApiObject Object { get; set; }

    public SchedulingPod Pod { get; set; }

    public PendingState State { get; set; } = PendingState.Gone;

    public int Attempts { get; set; }

    public DateTimeOffset NotBefore { get; set; }

    /// <summary>True if a canary had its chance with the pod; the live scheduler decides from now on.</summary>
    public bool IsForLive { get; set; }

    /// <summary>Higher priority first, then the older, then the one heard of first.</summary>
    public PendingOrder Order { get; }

    /// <summary>The last verdict, so that the same one is not written twice and an earlier one not after it. Read by those who write verdicts.</summary>
    public string Verdict
    {
        get => _verdict;
        set => _verdict = value;
    }
}

/// <summary>The order of pods in the queue; smaller comes first.</summary>
internal readonly record struct PendingOrder(int NegatedPriority, long CreatedTicks, long Arrival) : IComparable<PendingOrder>
{
    public int CompareTo(PendingOrder other)
    {
        var byPriority = NegatedPriority.CompareTo(other.NegatedPriority);
        if (byPriority != 0)
        {
            return byPriority;
        }

        var byAge = CreatedTicks.CompareTo(other.CreatedTicks);
        return byAge != 0 ? byAge : Arrival.CompareTo(other.Arrival);
    }
}
