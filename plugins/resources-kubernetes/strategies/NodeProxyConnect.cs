namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>nodes/proxy: the node's own endpoint, or another server on the node.</summary>
internal sealed class NodeProxyConnect : ISubresourceConnect
{
    // Where a kubelet listens: whoever asks for it means the node's endpoint, wherever that is.
    private const string EndpointPort = "10250";

    private NodeProxyConnect()
    {
    }

    public static NodeProxyConnect Instance { get; } = new();

    public NodeRequest Resolve(ConnectQuestion question)
    {
        var node = question.Object.ToJsonObject();
        var name = node.GetString("metadata.name") ?? "";
        if (question.Port is "" or EndpointPort)
        {
            return new NodeRequest(name, "", "");
        }

        var port = ProxyAddress.Number(question.Port)
            ?? throw new ApiException(StatusReason.BadRequest, $"\"{question.Port}\" is no port of node {name}: it must be a number");
        var address = node.Objects("status.addresses").FirstOrDefault(address => address.GetString("type") == "InternalIP");
        return ProxyAddress.Of(question.Scheme, address?.GetString("address") ?? "", port);
    }
}
