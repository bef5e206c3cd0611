using System.Text.Json.Serialization;

namespace Modular.Models;

/// <summary>A name and an address for a group of pods.</summary>
public sealed record Service
{
    /// <summary>Who it is.</summary>
    public Metadata Metadata { get => field ?? Empty.Metadata; init; }

    /// <summary>What is wanted.</summary>
    public ServiceSpec Spec { get => field ?? new(); init; }
}

/// <summary>What is wanted of a service.</summary>
public sealed record ServiceSpec
{
    /// <summary>ClusterIP, NodePort, LoadBalancer or ExternalName.</summary>
    public string Type { get => field is null or "" ? "ClusterIP" : field; init; }

    /// <summary>The address; None for a headless service.</summary>
    public string ClusterIP { get => field ?? ""; init; }

    /// <summary>All addresses.</summary>
    public IReadOnlyList<string> ClusterIPs { get => field ?? []; init; }

    /// <summary>Further addresses, routed here by others.</summary>
    public IReadOnlyList<string> ExternalIPs { get => field ?? []; init; }

    /// <summary>The name an ExternalName service stands for.</summary>
    public string ExternalName { get => field ?? ""; init; }

    /// <summary>Labels of the pods; empty if somebody else writes the endpoints.</summary>
    public IReadOnlyDictionary<string, string> Selector { get => field ?? EmptyMap.Strings; init; }

    /// <summary>The ports.</summary>
    public IReadOnlyList<ServicePort> Ports { get => field ?? []; init; }

    /// <summary>None or ClientIP.</summary>
    public string SessionAffinity { get => field is null or "" ? "None" : field; init; }

    /// <summary>Details of the affinity.</summary>
    public SessionAffinityConfig SessionAffinityConfig { get => field ?? new(); init; }

    /// <summary>Whether pods that are not ready are published too.</summary>
    public bool PublishNotReadyAddresses { get; init; }

    /// <summary>Cluster or Local.</summary>
    public string ExternalTrafficPolicy { get => field ?? ""; init; }

    /// <summary>Cluster or Local.</summary>
    public string InternalTrafficPolicy { get => field ?? ""; init; }
}

/// <summary>Details of a service's session affinity.</summary>
public sealed record SessionAffinityConfig
{
    /// <summary>Details of affinity ClientIP.</summary>
    public ClientAffinityConfig ClientIP { get => field ?? new(); init; }
}

/// <summary>Details of affinity ClientIP.</summary>
public sealed record ClientAffinityConfig
{
    /// <summary>How long a client that does not come back stays with its endpoint.</summary>
    public int TimeoutSeconds { get => field == 0 ? 10800 : field; init; }
}

/// <summary>A port of a service.</summary>
public sealed record ServicePort
{
    /// <summary>The name; empty if it is the only one.</summary>
    public string Name { get => field ?? ""; init; }

    /// <summary>TCP, UDP or SCTP.</summary>
    public string Protocol { get => field is null or "" ? "TCP" : field; init; }

    /// <summary>The port of the service.</summary>
    public int Port { get; init; }

    /// <summary>The port of the pods: a number or a name; empty for <see cref="Port"/>.</summary>
    [JsonConverter(typeof(IntOrStringConverter))]
    public string TargetPort { get => field ?? ""; init; }

    /// <summary>The port of every node; 0 for none.</summary>
    public int NodePort { get; init; }

    /// <summary>The protocol above the transport; empty if not told.</summary>
    public string AppProtocol { get => field ?? ""; init; }
}
