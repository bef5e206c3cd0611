using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;

namespace Modular.Plugins.Scheduling;

/// <summary>Pods as schedulers see them.</summary>
internal static class PodReading
{
    public static SchedulingPod Read(ApiObject obj)
    {
        var meta = obj.Metadata;
        var spec = obj.AsPod().Spec;
        return new SchedulingPod
        {
            Uid = meta.Uid,
            Namespace = meta.Namespace,
            Name = meta.Name,
            Labels = meta.Labels,
            Requests = Requests(spec),
            NodeSelector = spec.NodeSelector,
            Tolerations = Tolerations(spec.Tolerations),
            HostPorts = HostPorts(spec) ?? (IReadOnlyList<HostPort>)[],
            Priority = spec.Priority ?? 0,
            NodeName = spec.NodeName,
            OwnerUid = meta.Controller?.Uid ?? "",
        };
    }

    /// <summary>
    /// The containers' sum, or the largest init container's (on top of the init containers that run on beside the others) if that is more.
    /// </summary>
    private static ResourceAmounts Requests(PodSpec spec)
    {
        var sum = new AmountSum();
        foreach (var container in spec.Containers)
        {
            sum.Add(container.Resources.Requests);
        }

        if (spec.InitContainers.Count > 0)
        {
            var running = new AmountSum();
            var most = new AmountSum();
            foreach (var container in spec.InitContainers)
            {
                if (container.RestartPolicy == "Always")
                {
                    running.Add(container.Resources.Requests);
                    sum.Add(container.Resources.Requests);
                    most.RaiseTo(running);
                }
                else
                {
                    var moment = running.Copy();
                    moment.Add(container.Resources.Requests);
                    most.RaiseTo(moment);
                }
            }

            sum.RaiseTo(most);
        }

        sum.Add(spec.Overhead);
        return sum.ToAmounts(pods: 1);
    }

    private static Toleration[] Tolerations(IReadOnlyList<PodToleration> tolerations)
    {
        if (tolerations.Count == 0)
        {
            return [];
        }

        var read = new Toleration[tolerations.Count];
        for (var i = 0; i < read.Length; i++)
        {
            read[i] = new Toleration(tolerations[i].Key, tolerations[i].Operator, tolerations[i].Value, tolerations[i].Effect);
        }

        return read;
    }

    private static List<HostPort>? HostPorts(PodSpec spec)
    {
        List<HostPort>? ports = null;
        foreach (var container in spec.Containers)
        {
            foreach (var port in container.Ports)
            {
                if (port.HostPort > 0)
                {
                    (ports ??= []).Add(new HostPort(port.Protocol, port.HostIP, port.HostPort));
                }
            }
        }

        return ports;
    }
}
