using Modular.ApiMachinery;
using Modular.Models;
using Modular.Toolkit;

namespace Modular.Plugins.NodeAgent.Pods;

/// <summary>What the agent says about a pod, in Kubernetes' words.</summary>
internal sealed class PodEvents(EventRecorder recorder)
{
    public void Pod(ApiObject pod, string type, string reason, string message) =>
        recorder.Record(EventOccurrence.About(pod, type, reason, message));

    public void Container(ApiObject pod, Container container, string type, string reason, string message)
    {
        var list = pod.AsPod().Spec.InitContainers.Contains(container) ? "initContainers" : "containers";
        recorder.Record(EventOccurrence.About(pod, type, reason, message) with { FieldPath = $"spec.{list}{{{container.Name}}}" });
    }
}
