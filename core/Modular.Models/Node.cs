namespace Modular.Models;

/// <summary>A machine that runs pods.</summary>
public sealed record Node
{
    /// <summary>Who it is.</summary>
    public Metadata Metadata { get => field ?? Empty.Metadata; init; }

    /// <summary>What is wanted.</summary>
    public NodeSpec Spec { get => field ?? new(); init; }

    /// <summary>What is observed.</summary>
    public NodeStatus Status { get => field ?? new(); init; }
}

/// <summary>What is wanted of a node.</summary>
public sealed record NodeSpec
{
    /// <summary>Marks that keep pods away.</summary>
    public IReadOnlyList<NodeTaint> Taints { get => field ?? []; init; }

    /// <summary>True if new pods are not wanted.</summary>
    public bool Unschedulable { get; init; }

    /// <summary>The range of the pods' addresses.</summary>
    public string PodCIDR { get => field ?? ""; init; }

    /// <summary>Identity outside the cluster.</summary>
    public string ProviderID { get => field ?? ""; init; }
}

/// <summary>A mark that keeps pods away.</summary>
public sealed record NodeTaint
{
    /// <summary>The key.</summary>
    public string Key { get => field ?? ""; init; }

    /// <summary>The value.</summary>
    public string Value { get => field ?? ""; init; }

    /// <summary>NoSchedule, PreferNoSchedule or NoExecute.</summary>
    public string Effect { get => field ?? ""; init; }

    /// <summary>When a NoExecute taint was added.</summary>
    public DateTimeOffset? TimeAdded { get; init; }
}

/// <summary>What is observed of a node.</summary>
public sealed record NodeStatus
{
    /// <summary>What the node has; the values are quantities.</summary>
    public IReadOnlyDictionary<string, string> Capacity { get => field ?? EmptyMap.Strings; init; }

    /// <summary>What pods may take; the values are quantities.</summary>
    public IReadOnlyDictionary<string, string> Allocatable { get => field ?? EmptyMap.Strings; init; }

    /// <summary>Ready, MemoryPressure ...</summary>
    public IReadOnlyList<Condition> Conditions { get => field ?? []; init; }

    /// <summary>How the node is reached.</summary>
    public IReadOnlyList<NodeAddress> Addresses { get => field ?? []; init; }

    /// <summary>Where the node answers the API server.</summary>
    public NodeDaemonEndpoints DaemonEndpoints { get => field ?? new(); init; }
}

/// <summary>A way to reach a node.</summary>
public sealed record NodeAddress
{
    /// <summary>InternalIP, ExternalIP or Hostname.</summary>
    public string Type { get => field ?? ""; init; }

    /// <summary>The address.</summary>
    public string Address { get => field ?? ""; init; }
}

/// <summary>Where the node answers the API server.</summary>
public sealed record NodeDaemonEndpoints
{
    /// <summary>The endpoint of the node's agent.</summary>
    public DaemonEndpoint KubeletEndpoint { get => field ?? new(); init; }
}

/// <summary>A port of the node.</summary>
public sealed record DaemonEndpoint
{
    /// <summary>The port; 0 for none.</summary>
    [System.Text.Json.Serialization.JsonPropertyName("Port")]
    public int Port { get; init; }
}
