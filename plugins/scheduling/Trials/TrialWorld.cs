using Modular.Abstractions;

namespace Modular.Plugins.Scheduling.Trials;

/// <summary>
/// A cluster as one scheduler would have it. Fed with what changes in the true one. Not thread-safe.
/// </summary>
/// <param name="keepsOwn">True if a pod stays where this world's scheduler put it, wherever it truly is; false if the truth wins.</param>
internal sealed class TrialWorld(bool keepsOwn)
{
    private readonly ReservationLedger _ledger = new();
    private LedgerFeed? _feed;

    /// <summary>What the scheduler has not been told yet.</summary>
    public LedgerFeed Feed => _feed ??= _ledger.OpenFeed();

    public bool Holds(string uid) => _ledger.Holds(uid);

    /// <summary>Takes in what changed in the true cluster.</summary>
    public void Apply(ClusterDelta delta)
    {
        foreach (var node in delta.Nodes)
        {
            _ledger.PutNode(node);
        }

        foreach (var name in delta.RemovedNodes)
        {
            _ledger.RemoveNode(name);
        }

        foreach (var pod in delta.Pods)
        {
            if (!keepsOwn || !_ledger.Holds(pod.Uid))
            {
                _ledger.Confirm(pod);
            }
        }

        foreach (var uid in delta.RemovedPods)
        {
            _ledger.Release(uid);
        }
    }

    /// <summary>The scheduler of this world has put a pod on a node; false if it does not fit there.</summary>
    public bool TryPlace(SchedulingPod pod, string node) => _ledger.TryReserve(pod, node, Feed);

    /// <summary>How well the nodes are filled.</summary>
    public Packing Pack()
    {
        var nodes = 0;
        double cpu = 0, cpuTaken = 0, memory = 0, memoryTaken = 0;
        foreach (var room in _ledger.Rooms)
        {
            if (room.Pods > 0)
            {
                nodes++;
                cpu += room.Node.Allocatable.MilliCpu;
                cpuTaken += room.MilliCpu;
                memory += room.Node.Allocatable.Memory;
                memoryTaken += room.Memory;
            }
        }

        return new Packing(nodes, Percent(cpuTaken, cpu), Percent(memoryTaken, memory));
    }

    private static int Percent(double part, double whole) => whole > 0 ? (int)Math.Round(100 * part / whole) : 0;
}

/// <summary>How well nodes are filled.</summary>
/// <param name="Nodes">Nodes with at least one pod.</param>
/// <param name="CpuPercent">How much of the CPU of those nodes is asked for.</param>
/// <param name="MemoryPercent">How much of their memory.</param>
internal readonly record struct Packing(int Nodes, int CpuPercent, int MemoryPercent);
