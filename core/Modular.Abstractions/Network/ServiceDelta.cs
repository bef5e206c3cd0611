namespace Modular.Abstractions;

/// <summary>What changed among the cluster's services since a base. Service proxies and DNS servers get the same deltas.</summary>
public sealed record ServiceDelta
{
    /// <summary>The driver's revision this delta builds on; 0 for the whole state, which replaces whatever was known.</summary>
    public long Base { get; init; }

    /// <summary>The driver's revision afterwards.</summary>
    public long Revision { get; init; }

    /// <summary>New and changed services, each whole.</summary>
    public IReadOnlyList<ServiceRecord> Services { get; init; } = [];

    /// <summary>Uids of services that are gone.</summary>
    public IReadOnlyList<string> Removed { get; init; } = [];
}

/// <summary>A service with the endpoints behind it.</summary>
public sealed record ServiceRecord
{
    /// <summary>Identity.</summary>
    public required string Uid { get; init; }

    /// <summary>The namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>The stable virtual addresses; empty for a headless service and for an external name.</summary>
    public IReadOnlyList<string> ClusterAddresses { get; init; } = [];

    /// <summary>Further addresses of the host at which the service answers.</summary>
    public IReadOnlyList<string> ExternalAddresses { get; init; } = [];

    /// <summary>The DNS name that stands for the service; empty unless its type is ExternalName.</summary>
    public string ExternalName { get; init; } = "";

    /// <summary>
    /// Who carries connections to the service instead of the cluster's service proxy (label <c>service.kubernetes.io/service-proxy-name</c>);
    /// empty for the proxy itself. DNS answers for it all the same.
    /// </summary>
    public string ProxyName { get; init; } = "";

    /// <summary>How long a client stays with an endpoint; zero for no affinity.</summary>
    public TimeSpan ClientAffinity { get; init; }

    /// <summary>The ports, in the service's order.</summary>
    public IReadOnlyList<ServicePortRecord> Ports { get; init; } = [];
}

/// <summary>A port of a service.</summary>
public sealed record ServicePortRecord
{
    /// <summary>The name; empty if the service has one port only.</summary>
    public string Name { get; init; } = "";

    /// <summary>TCP, UDP or SCTP.</summary>
    public string Protocol { get; init; } = "TCP";

    /// <summary>
    /// The port at the cluster addresses; clients of a headless service use the endpoints' own. 0 in the one record that a headless service
    /// without ports has for its endpoints.
    /// </summary>
    public required int Port { get; init; }

    /// <summary>The port at every address of the node; 0 for none.</summary>
    public int NodePort { get; init; }

    /// <summary>What is spoken there, such as <c>http</c>; empty if unknown.</summary>
    public string AppProtocol { get; init; } = "";

    /// <summary>Who answers, ordered by address and port.</summary>
    public IReadOnlyList<EndpointRecord> Endpoints { get; init; } = [];
}

/// <summary>Somebody who answers for a service.</summary>
/// <param name="Address">The IP address.</param>
/// <param name="Port">The port there.</param>
public sealed record EndpointRecord(string Address, int Port)
{
    /// <summary>Whether new connections may go there. One that is not ready is listed while connections to it may still end in peace.</summary>
    public bool Ready { get; init; } = true;

    /// <summary>The host name under the service's name, for headless services; may be empty.</summary>
    public string Hostname { get; init; } = "";

    /// <summary>The node it is on; may be empty.</summary>
    public string NodeName { get; init; } = "";
}

/// <summary>What became of a delta.</summary>
public sealed record ServiceReport
{
    /// <summary>The revision that is served now. Another than the delta's if its base was not known here: the driver then sends the whole state.</summary>
    public long Revision { get; init; }

    /// <summary>What cannot be served, and why. Everything else is.</summary>
    public IReadOnlyList<ServiceProblem> Problems { get; init; } = [];
}

/// <summary>Something of a service that cannot be served.</summary>
/// <param name="ServiceUid">The service.</param>
/// <param name="Port">The port as users know it, such as <c>80/TCP</c>; empty for the whole service.</param>
/// <param name="Reason">CamelCase: PortInUse, ProtocolNotSupported, AddressNotAvailable.</param>
/// <param name="Message">One line for the user.</param>
public sealed record ServiceProblem(string ServiceUid, string Port, string Reason, string Message);
