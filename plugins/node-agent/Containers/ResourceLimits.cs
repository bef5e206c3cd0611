using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Plugins.NodeAgent.Nodes;

namespace Modular.Plugins.NodeAgent.Containers;

/// <summary>What pods and containers ask for and may use, in the runtime's terms.</summary>
internal static class ResourceLimits
{
    private const int Thousandths = 1000;

    public static RuntimeResources OfContainer(Pod pod, Container container)
    {
        var memory = Bytes(container.Resources.Requests);
        return new RuntimeResources
        {
            MilliCpuRequest = MilliCpu(container.Resources.Requests),
            MilliCpuLimit = MilliCpu(container.Resources.Limits),
            MemoryRequest = memory,
            MemoryLimit = Bytes(container.Resources.Limits),
            OomScoreAdjustment = OomScore(pod.Status.QosClass, memory),
        };
    }

    /// <summary>
    /// For all containers of a pod together: those that run side by side, or the largest that runs before them. One without a limit makes it
    /// unlimited.
    /// </summary>
    public static RuntimeResources OfPod(Pod pod, int pids) => new()
    {
        PidsLimit = pids,
        MilliCpuRequest = Sum(pod, container => MilliCpu(container.Resources.Requests)) + MilliCpu(pod.Spec.Overhead),
        MemoryRequest = Sum(pod, container => Bytes(container.Resources.Requests)) + Bytes(pod.Spec.Overhead),
        MilliCpuLimit = Limit(pod, container => MilliCpu(container.Resources.Limits), MilliCpu(pod.Spec.Overhead)),
        MemoryLimit = Limit(pod, container => Bytes(container.Resources.Limits), Bytes(pod.Spec.Overhead)),
    };

    private static long Limit(Pod pod, Func<Container, long> limit, long overhead) =>
        pod.Spec.Containers.Concat(pod.Spec.InitContainers).All(container => limit(container) > 0) ? Sum(pod, limit) + overhead : 0;

    private static long Sum(Pod pod, Func<Container, long> amount)
    {
        var sidecars = 0L;
        var before = 0L;
        foreach (var container in pod.Spec.InitContainers)
        {
            if (container.RestartPolicy == "Always")
            {
                sidecars += amount(container);
            }

            before = Math.Max(before, sidecars + (container.RestartPolicy == "Always" ? 0 : amount(container)));
        }

        return Math.Max(before, sidecars + pod.Spec.Containers.Sum(amount));
    }

    /// <summary>The less of its memory a container has asked for, the sooner it goes.</summary>
    private static int OomScore(string qosClass, long memoryRequest) => qosClass switch
    {
        "Guaranteed" => -997,
        "Burstable" => (int)Math.Clamp(Thousandths - (Thousandths * memoryRequest / MachineFacts.MemoryBytes()), 3, Thousandths - 1),
        _ => Thousandths,
    };

    private static long MilliCpu(IReadOnlyDictionary<string, string> list) =>
        list.TryGetValue("cpu", out var text) ? (long)Math.Ceiling(Quantity.Parse(text).ToDouble() * Thousandths) : 0;

    private static long Bytes(IReadOnlyDictionary<string, string> list) =>
        list.TryGetValue("memory", out var text) ? (long)Math.Ceiling(Quantity.Parse(text).ToDouble()) : 0;
}
