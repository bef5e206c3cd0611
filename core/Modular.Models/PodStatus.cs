namespace Modular.Models;

/// <summary>What is observed of a pod.</summary>
public sealed record PodStatus
{
    /// <summary>Pending, Running, Succeeded, Failed or Unknown.</summary>
    public string Phase { get => field is null or "" ? "Pending" : field; init; }

    /// <summary>Why, in CamelCase.</summary>
    public string Reason { get => field ?? ""; init; }

    /// <summary>Why, in a sentence.</summary>
    public string Message { get => field ?? ""; init; }

    /// <summary>PodScheduled, Initialized, ContainersReady, Ready ...</summary>
    public IReadOnlyList<Condition> Conditions { get => field ?? []; init; }

    /// <summary>One entry an init container.</summary>
    public IReadOnlyList<ContainerStatus> InitContainerStatuses { get => field ?? []; init; }

    /// <summary>One entry a container.</summary>
    public IReadOnlyList<ContainerStatus> ContainerStatuses { get => field ?? []; init; }

    /// <summary>The pod's address; empty before it has one.</summary>
    public string PodIP { get => field ?? ""; init; }

    /// <summary>All of the pod's addresses.</summary>
    public IReadOnlyList<PodAddress> PodIPs { get => field ?? []; init; }

    /// <summary>The node's address.</summary>
    public string HostIP { get => field ?? ""; init; }

    /// <summary>When the node took the pod; null before.</summary>
    public DateTimeOffset? StartTime { get; init; }

    /// <summary>Guaranteed, Burstable or BestEffort.</summary>
    public string QosClass { get => field ?? ""; init; }

    /// <summary>True once the pod will run no more.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsTerminal => Phase is "Succeeded" or "Failed";

    /// <summary>True if the condition Ready is True.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsReady => Condition.Find(Conditions, "Ready") is { IsTrue: true };
}

/// <summary>An address of a pod.</summary>
public sealed record PodAddress
{
    /// <summary>The address.</summary>
    public string Ip { get => field ?? ""; init; }
}

/// <summary>What is observed of a container.</summary>
public sealed record ContainerStatus
{
    /// <summary>The container.</summary>
    public string Name { get => field ?? ""; init; }

    /// <summary>The runtime's id, <c>type://id</c>; empty before it exists.</summary>
    public string ContainerID { get => field ?? ""; init; }

    /// <summary>The image that runs.</summary>
    public string Image { get => field ?? ""; init; }

    /// <summary>The image's identity.</summary>
    public string ImageID { get => field ?? ""; init; }

    /// <summary>Whether it may get traffic.</summary>
    public bool Ready { get; init; }

    /// <summary>Whether it passed its startup probe; null before that is known.</summary>
    public bool? Started { get; init; }

    /// <summary>How often it was started again.</summary>
    public int RestartCount { get; init; }

    /// <summary>What it does.</summary>
    public ContainerState State { get => field ?? ContainerState.None; init; }

    /// <summary>How the run before ended.</summary>
    public ContainerState LastState { get => field ?? ContainerState.None; init; }
}

/// <summary>What a container does; one of the members is set.</summary>
public sealed record ContainerState
{
    /// <summary>Nothing is known.</summary>
    public static ContainerState None { get; } = new();

    /// <summary>It does not run yet.</summary>
    public ContainerWaiting? Waiting { get; init; }

    /// <summary>It runs.</summary>
    public ContainerRunning? Running { get; init; }

    /// <summary>It ended.</summary>
    public ContainerTerminated? Terminated { get; init; }
}

/// <summary>A container that does not run yet.</summary>
public sealed record ContainerWaiting
{
    /// <summary>Why, in CamelCase.</summary>
    public string Reason { get => field ?? ""; init; }

    /// <summary>Why, in a sentence.</summary>
    public string Message { get => field ?? ""; init; }
}

/// <summary>A container that runs.</summary>
public sealed record ContainerRunning
{
    /// <summary>Since when.</summary>
    public DateTimeOffset? StartedAt { get; init; }
}

/// <summary>A container that ended.</summary>
public sealed record ContainerTerminated
{
    /// <summary>The exit code.</summary>
    public int ExitCode { get; init; }

    /// <summary>The signal that ended it; 0 for none.</summary>
    public int Signal { get; init; }

    /// <summary>Completed, Error, OOMKilled ...</summary>
    public string Reason { get => field ?? ""; init; }

    /// <summary>What the container left behind.</summary>
    public string Message { get => field ?? ""; init; }

    /// <summary>When it started.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>The runtime's id.</summary>
    public string ContainerID { get => field ?? ""; init; }
}
