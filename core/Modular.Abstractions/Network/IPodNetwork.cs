namespace Modular.Abstractions;

/// <summary>
/// Connects sandboxes that have a network namespace of their own. Ids are chosen by the caller and every Ensure call can be repeated after
/// a crash. What it makes on the machine carries its name, so that the next instance finds and cleans it. It also leads the addresses of
/// services (<see cref="ClusterNetwork.ServiceRange"/>) to the node itself, from the node and from its pods. Thread-safe.
/// </summary>
/// <remarks>Failing is reported as <see cref="PodNetworkException"/> with a reason.</remarks>
[Contract("modular.pod-network", "0.1.0", ContractCardinality.One)]
public interface IPodNetwork
{
    /// <summary>What this network is on this node.</summary>
    ValueTask<PodNetworkInfo> GetInfoAsync(CancellationToken cancellationToken);

    /// <summary>Makes sure that a sandbox is connected: it has addresses, a default route, and its host ports lead to it.</summary>
    ValueTask<PodAttachment> EnsureAttachedAsync(PodAttachmentSpec spec, CancellationToken cancellationToken);

    /// <summary>Disconnects a sandbox and gives its addresses back. Unknown ids are no error.</summary>
    ValueTask DetachAsync(string sandboxId, CancellationToken cancellationToken);

    /// <summary>All that are connected.</summary>
    ValueTask<IReadOnlyList<PodAttachment>> ListAsync(CancellationToken cancellationToken);
}

/// <summary>What a pod network is on a node.</summary>
public sealed record PodNetworkInfo
{
    /// <summary>The node's address as its pods see it; a name server on the node answers here.</summary>
    public required string NodeAddress { get; init; }

    /// <summary>The range that this node's pods have their addresses from, such as 10.244.0.0/24.</summary>
    public required string PodRange { get; init; }

    /// <summary>What this network does not do here and the user should know; one line, or empty.</summary>
    public string Limitation { get; init; } = "";
}

/// <summary>A sandbox to connect.</summary>
public sealed record PodAttachmentSpec
{
    /// <summary>The sandbox's id.</summary>
    public required string SandboxId { get; init; }

    /// <summary>The path of its network namespace.</summary>
    public required string NetworkNamespace { get; init; }

    /// <summary>The pod it is for.</summary>
    public required string PodNamespace { get; init; }

    /// <summary>The pod it is for.</summary>
    public required string PodName { get; init; }

    /// <summary>Ports of the node that lead into the sandbox.</summary>
    public IReadOnlyList<PodHostPort> HostPorts { get; init; } = [];
}

/// <summary>A port of the node that leads into a pod.</summary>
/// <param name="Protocol">TCP or UDP.</param>
/// <param name="HostAddress">The node's address; empty for all of them.</param>
/// <param name="HostPort">The port of the node.</param>
/// <param name="Port">The port in the pod.</param>
public sealed record PodHostPort(string Protocol, string HostAddress, int HostPort, int Port);

/// <summary>A connected sandbox.</summary>
public sealed record PodAttachment
{
    /// <summary>The sandbox's id.</summary>
    public required string SandboxId { get; init; }

    /// <summary>Its addresses.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];
}

/// <summary>A network could not do what it was asked, and why.</summary>
/// <param name="reason">CamelCase: NoAddressLeft, HostPortInUse, NotPermitted.</param>
/// <param name="message">One line for the user.</param>
public sealed class PodNetworkException(string reason, string message) : Exception(message)
{
    /// <summary>CamelCase, as events show it.</summary>
    public string Reason { get; } = reason;
}
