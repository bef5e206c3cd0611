namespace Modular.Models;

/// <summary>Annotations by which parts of a cluster learn of each other's nodes.</summary>
public static class NodeAnnotations
{
    /// <summary>The node's address in the network of its pods, where pods reach what runs on the node. Nodes without such a network have none.</summary>
    public const string PodNetworkAddress = "node.modular.dev/pod-network-address";
}
