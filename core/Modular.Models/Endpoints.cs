namespace Modular.Models;

/// <summary>Addresses behind a service, in the older form.</summary>
public sealed record Endpoints
{
    /// <summary>Who it is; the name is the service's.</summary>
    public Metadata Metadata { get => field ?? Empty.Metadata; init; }

    /// <summary>Addresses with the ports they share.</summary>
    public IReadOnlyList<EndpointSubset> Subsets { get => field ?? []; init; }
}

/// <summary>Addresses with the ports they share.</summary>
public sealed record EndpointSubset
{
    /// <summary>Addresses that take traffic.</summary>
    public IReadOnlyList<EndpointAddress> Addresses { get => field ?? []; init; }

    /// <summary>Addresses that are not ready.</summary>
    public IReadOnlyList<EndpointAddress> NotReadyAddresses { get => field ?? []; init; }

    /// <summary>The ports.</summary>
    public IReadOnlyList<EndpointPort> Ports { get => field ?? []; init; }
}

/// <summary>An address behind a service.</summary>
public sealed record EndpointAddress
{
    /// <summary>The address.</summary>
    public string Ip { get => field ?? ""; init; }

    /// <summary>A name for it; may be empty.</summary>
    public string Hostname { get => field ?? ""; init; }

    /// <summary>The node it is on.</summary>
    public string NodeName { get => field ?? ""; init; }

    /// <summary>The pod it is of.</summary>
    public ObjectReference? TargetRef { get; init; }
}

/// <summary>A port of endpoints.</summary>
public sealed record EndpointPort
{
    /// <summary>The name of the service's port.</summary>
    public string Name { get => field ?? ""; init; }

    /// <summary>The number; 0 if any.</summary>
    public int Port { get; init; }

    /// <summary>TCP, UDP or SCTP.</summary>
    public string Protocol { get => field is null or "" ? "TCP" : field; init; }

    /// <summary>The protocol above the transport.</summary>
    public string AppProtocol { get => field ?? ""; init; }
}

/// <summary>Points to an object.</summary>
public sealed record ObjectReference
{
    /// <summary>Group and version.</summary>
    public string ApiVersion { get => field ?? ""; init; }

    /// <summary>The kind.</summary>
    public string Kind { get => field ?? ""; init; }

    /// <summary>The namespace.</summary>
    public string Namespace { get => field ?? ""; init; }

    /// <summary>The name.</summary>
    public string Name { get => field ?? ""; init; }

    /// <summary>The uid.</summary>
    public string Uid { get => field ?? ""; init; }

    /// <summary>A part of the object, such as <c>spec.containers{web}</c>.</summary>
    public string FieldPath { get => field ?? ""; init; }
}
