using System.Globalization;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>pods/portforward: connections to ports of a pod, made on its node.</summary>
internal sealed class PodPortForwardConnect : ISubresourceConnect
{
    private PodPortForwardConnect()
    {
    }

    public static PodPortForwardConnect Instance { get; } = new();

    public NodeRequest Resolve(ConnectQuestion question)
    {
        var pod = question.Object.ToJsonObject();
        var parameters = new StreamQuery(question.Query);
        foreach (var text in parameters.All("ports").SelectMany(list => list.Split(',')))
        {
            parameters.PassOn("port", ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0
                ? text
                : throw new ApiException(StatusReason.BadRequest, $"ports: \"{text}\" is no port: it must be between 1 and 65535"));
        }

        return new NodeRequest(PodContainers.NodeOf(pod), PodContainers.PathOf("portForward", pod), parameters.ToString());
    }
}
