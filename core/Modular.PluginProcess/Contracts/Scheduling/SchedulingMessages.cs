using System.Collections.Frozen;
using Google.Protobuf.Collections;
using Modular.Abstractions;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>The records of the scheduler's contract as messages, and back.</summary>
internal static class SchedulingMessages
{
    public static Protocol.ClusterDelta ToMessage(ClusterDelta delta)
    {
        var message = new Protocol.ClusterDelta { Base = delta.Base, Revision = delta.Revision };
        message.Nodes.Capacity = delta.Nodes.Count;
        foreach (var node in delta.Nodes)
        {
            message.Nodes.Add(ToMessage(node));
        }

        message.RemovedNodes.AddRange(delta.RemovedNodes);
        message.Pods.Capacity = delta.Pods.Count;
        foreach (var pod in delta.Pods)
        {
            message.Pods.Add(ToMessage(pod));
        }

        message.RemovedPods.AddRange(delta.RemovedPods);
        return message;
    }

    public static ClusterDelta FromMessage(Protocol.ClusterDelta message) => new()
    {
        Base = message.Base,
        Revision = message.Revision,
        Nodes = [.. message.Nodes.Select(FromMessage)],
        RemovedNodes = [.. message.RemovedNodes],
        Pods = [.. message.Pods.Select(FromMessage)],
        RemovedPods = [.. message.RemovedPods],
    };

    public static Protocol.PodBatch ToMessage(IReadOnlyList<SchedulingPod> pods)
    {
        var message = new Protocol.PodBatch();
        message.Pods.Capacity = pods.Count;
        foreach (var pod in pods)
        {
            message.Pods.Add(ToMessage(pod));
        }

        return message;
    }

    public static Protocol.Placements ToMessage(IReadOnlyList<Placement> placements)
    {
        var message = new Protocol.Placements();
        message.Placements_.Capacity = placements.Count;
        foreach (var placement in placements)
        {
            var one = new Protocol.Placement { PodUid = placement.PodUid, NodeName = placement.NodeName };
            foreach (var refused in placement.Refused)
            {
                one.Refused.Add(new Protocol.RefusedNodes { Reason = refused.Reason, Count = refused.Count });
            }

            one.Victims.AddRange(placement.Victims);
            message.Placements_.Add(one);
        }

        return message;
    }

    public static IReadOnlyList<Placement> FromMessage(Protocol.Placements message)
    {
        var placements = new List<Placement>(message.Placements_.Count);
        foreach (var one in message.Placements_)
        {
            placements.Add(new Placement
            {
                PodUid = one.PodUid,
                NodeName = one.NodeName,
                Refused = one.Refused.Count == 0 ? [] : [.. one.Refused.Select(refused => new RefusedNodes(refused.Reason, refused.Count))],
                Victims = one.Victims.Count == 0 ? [] : [.. one.Victims],
            });
        }

        return placements;
    }

    public static SchedulingPod FromMessage(Protocol.Pod message) => new()
    {
        Uid = message.Uid,
        Namespace = message.Namespace,
        Name = message.Name,
        Labels = FromMessage(message.Labels),
        Requests = FromMessage(message.Requests),
        NodeSelector = FromMessage(message.NodeSelector),
        Tolerations = message.Tolerations.Count == 0 ? [] : [.. message.Tolerations.Select(t => new Toleration(t.Key, t.Operator, t.Value, t.Effect))],
        HostPorts = message.HostPorts.Count == 0 ? [] : [.. message.HostPorts.Select(p => new HostPort(p.Protocol, p.Ip, p.Port))],
        Priority = message.Priority,
        NodeName = message.NodeName,
        OwnerUid = message.OwnerUid,
    };

    private static SchedulingNode FromMessage(Protocol.Node message) => new()
    {
        Name = message.Name,
        Labels = FromMessage(message.Labels),
        Taints = message.Taints.Count == 0 ? [] : [.. message.Taints.Select(taint => new Taint(taint.Key, taint.Value, taint.Effect))],
        Unschedulable = message.Unschedulable,
        Allocatable = FromMessage(message.Allocatable),
    };

    private static ResourceAmounts FromMessage(Protocol.Amounts? message) => message is null ? ResourceAmounts.None : new()
    {
        MilliCpu = message.MilliCpu,
        Memory = message.Memory,
        Pods = message.Pods,
        Extended = message.Extended.Count == 0 ? FrozenDictionary<string, long>.Empty : new Dictionary<string, long>(message.Extended, StringComparer.Ordinal),
    };

    private static IReadOnlyDictionary<string, string> FromMessage(MapField<string, string> map) =>
        map.Count == 0 ? FrozenDictionary<string, string>.Empty : new Dictionary<string, string>(map, StringComparer.Ordinal);

    private static Protocol.Node ToMessage(SchedulingNode node)
    {
        var message = new Protocol.Node { Name = node.Name, Unschedulable = node.Unschedulable, Allocatable = ToMessage(node.Allocatable) };
        Fill(message.Labels, node.Labels);
        foreach (var taint in node.Taints)
        {
            message.Taints.Add(new Protocol.Taint { Key = taint.Key, Value = taint.Value, Effect = taint.Effect });
        }

        return message;
    }

    private static Protocol.Pod ToMessage(SchedulingPod pod)
    {
        var message = new Protocol.Pod
        {
            Uid = pod.Uid,
            Namespace = pod.Namespace,
            Name = pod.Name,
            Requests = ToMessage(pod.Requests),
            Priority = pod.Priority,
            NodeName = pod.NodeName,
            OwnerUid = pod.OwnerUid,
        };
        Fill(message.Labels, pod.Labels);
        Fill(message.NodeSelector, pod.NodeSelector);
        foreach (var toleration in pod.Tolerations)
        {
            message.Tolerations.Add(new Protocol.Toleration
            {
                Key = toleration.Key,
                Operator = toleration.Operator,
                Value = toleration.Value,
                Effect = toleration.Effect,
            });
        }

        foreach (var port in pod.HostPorts)
        {
            message.HostPorts.Add(new Protocol.HostPort { Protocol = port.Protocol, Ip = port.Ip, Port = port.Port });
        }

        return message;
    }

    private static Protocol.Amounts ToMessage(ResourceAmounts amounts)
    {
        var message = new Protocol.Amounts { MilliCpu = amounts.MilliCpu, Memory = amounts.Memory, Pods = amounts.Pods };
        foreach (var (name, amount) in amounts.Extended)
        {
            message.Extended.Add(name, amount);
        }

        return message;
    }

    private static void Fill(MapField<string, string> map, IReadOnlyDictionary<string, string> values)
    {
        foreach (var (name, value) in values)
        {
            map.Add(name, value);
        }
    }
}
