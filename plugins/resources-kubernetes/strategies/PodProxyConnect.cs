using System.Text.Json.Nodes;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>pods/proxy: the server in a pod, at the port named, or else at its first.</summary>
internal sealed class PodProxyConnect : ISubresourceConnect
{
    private PodProxyConnect()
    {
    }

    public static PodProxyConnect Instance { get; } = new();

    public NodeRequest Resolve(ConnectQuestion question)
    {
        var pod = question.Object.ToJsonObject();
        var port = ProxyAddress.Number(question.Port) ?? DeclaredPort(pod, question.Port);
        return ProxyAddress.Of(question.Scheme, pod.GetString("status.podIP") ?? "", port);
    }

    private static long? DeclaredPort(JsonObject pod, string name)
    {
        foreach (var list in PodSpecDefaults.ContainerLists)
        {
            foreach (var port in pod.Objects($"spec.{list}").SelectMany(container => container.Objects("ports")))
            {
                if (name.Length == 0 ? list == "containers" : port.GetString("name") == name)
                {
                    return port.GetInt64("containerPort");
                }
            }
        }

        return name.Length == 0 ? null : throw new ApiException(StatusReason.BadRequest, $"pod {PodContainers.NameOf(pod)} has no port \"{name}\"");
    }
}
