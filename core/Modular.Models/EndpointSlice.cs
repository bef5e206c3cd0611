namespace Modular.Models;

/// <summary>A part of the addresses behind a service.</summary>
public sealed record EndpointSlice
{
    /// <summary>The label that names the service a slice belongs to.</summary>
    public const string ServiceNameLabel = "kubernetes.io/service-name";

    /// <summary>Who it is.</summary>
    public Metadata Metadata { get => field ?? Empty.Metadata; init; }

    /// <summary>IPv4, IPv6 or FQDN.</summary>
    public string AddressType { get => field ?? ""; init; }

    /// <summary>The addresses.</summary>
    public IReadOnlyList<Endpoint> Endpoints { get => field ?? []; init; }

    /// <summary>The ports all of them serve.</summary>
    public IReadOnlyList<EndpointPort> Ports { get => field ?? []; init; }
}

/// <summary>One place that serves.</summary>
public sealed record Endpoint
{
    /// <summary>Its addresses; the first one counts.</summary>
    public IReadOnlyList<string> Addresses { get => field ?? []; init; }

    /// <summary>Whether it takes traffic.</summary>
    public EndpointConditions Conditions { get => field ?? new(); init; }

    /// <summary>A name for it; may be empty.</summary>
    public string Hostname { get => field ?? ""; init; }

    /// <summary>The node it is on.</summary>
    public string NodeName { get => field ?? ""; init; }

    /// <summary>The zone it is in.</summary>
    public string Zone { get => field ?? ""; init; }

    /// <summary>The pod it is of.</summary>
    public ObjectReference? TargetRef { get; init; }
}

/// <summary>Whether an endpoint takes traffic.</summary>
public sealed record EndpointConditions
{
    /// <summary>Null means yes.</summary>
    public bool? Ready { get; init; }

    /// <summary>Like ready, but true while terminating; null means as ready.</summary>
    public bool? Serving { get; init; }

    /// <summary>Null means no.</summary>
    public bool? Terminating { get; init; }
}
