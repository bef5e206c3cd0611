namespace Modular.Models;

/// <summary>Keeps a number of equal pods.</summary>
public sealed record ReplicationController
{
    /// <summary>Who it is.</summary>
    public Metadata Metadata { get => field ?? Empty.Metadata; init; }

    /// <summary>What is wanted.</summary>
    public ReplicationControllerSpec Spec { get => field ?? new(); init; }

    /// <summary>What is observed.</summary>
    public ReplicationControllerStatus Status { get => field ?? new(); init; }
}

/// <summary>What is wanted of a replication controller.</summary>
public sealed record ReplicationControllerSpec
{
    /// <summary>How many pods; null means 1.</summary>
    public int? Replicas { get; init; }

    /// <summary>Seconds a pod must be ready to count as available.</summary>
    public int MinReadySeconds { get; init; }

    /// <summary>Labels of the pods it looks after.</summary>
    public IReadOnlyDictionary<string, string> Selector { get => field ?? EmptyMap.Strings; init; }

    /// <summary>What pods are made from; null only in invalid objects.</summary>
    public PodTemplate? Template { get; init; }
}

/// <summary>What is observed of a replication controller.</summary>
public sealed record ReplicationControllerStatus
{
    /// <summary>Pods there are.</summary>
    public int Replicas { get; init; }

    /// <summary>Pods with all labels of the template.</summary>
    public int FullyLabeledReplicas { get; init; }

    /// <summary>Pods that are ready.</summary>
    public int ReadyReplicas { get; init; }

    /// <summary>Pods that have been ready long enough.</summary>
    public int AvailableReplicas { get; init; }

    /// <summary>The generation the numbers are about.</summary>
    public long ObservedGeneration { get; init; }

    /// <summary>ReplicaFailure.</summary>
    public IReadOnlyList<Condition> Conditions { get => field ?? []; init; }
}
