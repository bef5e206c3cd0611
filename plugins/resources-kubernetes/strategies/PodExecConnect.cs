using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>pods/exec: runs a command in a container, on its node.</summary>
internal sealed class PodExecConnect : ISubresourceConnect
{
    private PodExecConnect()
    {
    }

    public static PodExecConnect Instance { get; } = new();

    public NodeRequest Resolve(ConnectQuestion question)
    {
        var pod = question.Object.ToJsonObject();
        var parameters = new StreamQuery(question.Query);
        var container = PodContainers.Choose(pod, parameters.Text("container"), orFirst: true);
        var node = PodContainers.NodeOf(pod);
        PassOn(parameters);
        return new NodeRequest(node, PodContainers.PathOf("exec", pod, container), parameters.ToString());
    }

    private static void PassOn(StreamQuery query)
    {
        var commands = query.All("command").ToList();
        if (commands.Count == 0)
        {
            throw new ApiException(StatusReason.BadRequest, "you must specify the command to execute");
        }

        foreach (var command in commands)
        {
            query.PassOn("command", command);
        }

        query.PassOnStreams();
    }
}
