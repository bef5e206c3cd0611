using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;

namespace Modular.Plugins.Scheduling;

/// <summary>Nodes as schedulers see them.</summary>
internal static class NodeReading
{
    public static SchedulingNode Read(ApiObject obj)
    {
        var node = obj.AsNode();
        var allocatable = new AmountSum();
        allocatable.Add(node.Status.Allocatable);
        return new SchedulingNode
        {
            Name = obj.Metadata.Name,
            Labels = obj.Metadata.Labels,
            Taints = [.. node.Spec.Taints.Select(t => new Taint(t.Key, t.Value, t.Effect))],
            Unschedulable = node.Spec.Unschedulable,
            Allocatable = allocatable.ToAmounts(),
        };
    }

    /// <summary>Whether two states of a node are the same to a scheduler; heartbeats change nothing.</summary>
    public static bool Same(SchedulingNode a, SchedulingNode b) =>
        a.Unschedulable == b.Unschedulable
        && a.Allocatable.MilliCpu == b.Allocatable.MilliCpu
        && a.Allocatable.Memory == b.Allocatable.Memory
        && a.Allocatable.Pods == b.Allocatable.Pods
        && SameMap(a.Allocatable.Extended, b.Allocatable.Extended)
        && SameMap(a.Labels, b.Labels)
        && a.Taints.SequenceEqual(b.Taints);

    private static bool SameMap<T>(IReadOnlyDictionary<string, T> a, IReadOnlyDictionary<string, T> b)
    {
        if (a.Count != b.Count)
        {
            return false;
        }

        foreach (var (key, value) in a)
        {
            if (!b.TryGetValue(key, out var other) || !EqualityComparer<T>.Default.Equals(value, other))
            {
                return false;
            }
        }

        return true;
    }
}
