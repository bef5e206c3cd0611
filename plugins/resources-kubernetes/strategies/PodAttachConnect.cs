using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>pods/attach: joins what a container's own program reads and writes, on its node.</summary>
internal sealed class PodAttachConnect : ISubresourceConnect
{
    private PodAttachConnect()
    {
    }

    public static PodAttachConnect Instance { get; } = new();

    public NodeRequest Resolve(ConnectQuestion question)
    {
        var pod = question.Object.ToJsonObject();
        var parameters = new StreamQuery(question.Query);
        var container = PodContainers.Choose(pod, parameters.Text("container"), orFirst: false);
        var node = PodContainers.NodeOf(pod);
        parameters.PassOnStreams();
        return new NodeRequest(node, PodContainers.PathOf("attach", pod, container), parameters.ToString());
    }
}
