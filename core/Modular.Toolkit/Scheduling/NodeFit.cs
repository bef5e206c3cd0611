using Modular.Abstractions;

namespace Modular.Toolkit;

/// <summary>Whether a pod may run on a node: the rules no scheduler may break.</summary>
public static class NodeFit
{
    private const string UnschedulableTaint = "node.kubernetes.io/unschedulable";
    private static readonly Taint Unschedulable = new(UnschedulableTaint, "", "NoSchedule");

    /// <summary>True if the pod fits. Allocates nothing.</summary>
    public static bool Fits(NodeRoom room, SchedulingPod pod) =>
        (!room.Node.Unschedulable || Tolerates(pod.Tolerations, Unschedulable))
        && FindUntolerated(room.Node.Taints, pod.Tolerations) is null
        && HasLabels(room.Node.Labels, pod.NodeSelector)
        && (pod.HostPorts.Count == 0 || !PortsClash(room.HostPorts, pod.HostPorts))
        && HasRoom(room, pod.Requests);

    /// <summary>Adds why the pod does not fit to a tally: the first rule it breaks, and every resource that is short.</summary>
    public static void Explain(NodeRoom room, SchedulingPod pod, RefusalTally tally)
    {
        if (room.Node.Unschedulable && !Tolerates(pod.Tolerations, Unschedulable))
        {
            tally.Add("node(s) were unschedulable");
        }
        else if (FindUntolerated(room.Node.Taints, pod.Tolerations) is { } taint)
        {
            tally.AddTaint(taint);
        }
        else if (!HasLabels(room.Node.Labels, pod.NodeSelector))
        {
            tally.Add("node(s) didn't match Pod's node affinity/selector");
        }
        else if (pod.HostPorts.Count > 0 && PortsClash(room.HostPorts, pod.HostPorts))
        {
            tally.Add("node(s) didn't have free ports for the requested pod ports");
        }
        else
        {
            ExplainShortage(room, pod.Requests, tally);
        }
    }

    /// <summary>How many taints the pod would rather not meet: PreferNoSchedule ones it does not tolerate.</summary>
    public static int CountDisliked(SchedulingNode node, SchedulingPod pod)
    {
        var count = 0;
        for (var i = 0; i < node.Taints.Count; i++)
        {
            var taint = node.Taints[i];
            if (taint.Effect == "PreferNoSchedule" && !Tolerates(pod.Tolerations, taint))
            {
                count++;
            }
        }

        return count;
    }

    /// <summary>Whether one of the tolerations bears the taint.</summary>
    public static bool Tolerates(IReadOnlyList<Toleration> tolerations, Taint taint)
    {
        for (var i = 0; i < tolerations.Count; i++)
        {
            var toleration = tolerations[i];
            if ((toleration.Effect.Length == 0 || toleration.Effect == taint.Effect)
                && (toleration.Key.Length == 0 || toleration.Key == taint.Key)
                && (toleration.Operator == "Exists" || (toleration.Key.Length > 0 && toleration.Value == taint.Value)))
            {
                return true;
            }
        }

        return false;
    }

    private static Taint? FindUntolerated(IReadOnlyList<Taint> taints, IReadOnlyList<Toleration> tolerations)
    {
        for (var i = 0; i < taints.Count; i++)
        {
            var taint = taints[i];
            if (taint.Effect is "NoSchedule" or "NoExecute" && !Tolerates(tolerations, taint))
            {
                return taint;
            }
        }

        return null;
    }

    private static bool HasLabels(IReadOnlyDictionary<string, string> labels, IReadOnlyDictionary<string, string> wanted)
    {
        if (wanted.Count == 0)
        {
            return true;
        }

        foreach (var (key, value) in wanted)
        {
            if (!labels.TryGetValue(key, out var has) || has != value)
            {
                return false;
            }
        }

        return true;
    }

    private static bool PortsClash(IReadOnlyList<HostPort> taken, IReadOnlyList<HostPort> wanted)
    {
        for (var i = 0; i < wanted.Count; i++)
        {
            for (var j = 0; j < taken.Count; j++)
            {
                if (wanted[i].Port == taken[j].Port && wanted[i].Protocol == taken[j].Protocol
                    && (IsAny(wanted[i].Ip) || IsAny(taken[j].Ip) || wanted[i].Ip == taken[j].Ip))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool IsAny(string ip) => ip is "" or "0.0.0.0" or "::";

    // A pod that asks for none of a resource fits however much of it is taken. What is free is compared, not what would be taken: that has bounds.
    private static bool HasRoom(NodeRoom room, ResourceAmounts wants)
    {
        var has = room.Node.Allocatable;
        if (wants.Pods > has.Pods - room.Pods
            || (wants.MilliCpu > 0 && wants.MilliCpu > has.MilliCpu - room.MilliCpu)
            || (wants.Memory > 0 && wants.Memory > has.Memory - room.Memory))
        {
            return false;
        }

        if (wants.Extended.Count > 0)
        {
            foreach (var (name, amount) in wants.Extended)
            {
                if (amount > 0 && amount > has.Extended.GetValueOrDefault(name) - room.Extended(name))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static void ExplainShortage(NodeRoom room, ResourceAmounts wants, RefusalTally tally)
    {
        var has = room.Node.Allocatable;
        if (wants.Pods > has.Pods - room.Pods)
        {
            tally.Add("Too many pods");
        }

        if (wants.MilliCpu > 0 && wants.MilliCpu > has.MilliCpu - room.MilliCpu)
        {
            tally.Add("Insufficient cpu");
        }

        if (wants.Memory > 0 && wants.Memory > has.Memory - room.Memory)
        {
            tally.Add("Insufficient memory");
        }

        foreach (var (name, amount) in wants.Extended)
        {
            if (amount > 0 && amount > has.Extended.GetValueOrDefault(name) - room.Extended(name))
            {
                tally.Add($"Insufficient {name}");
            }
        }
    }
}
