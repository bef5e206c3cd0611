namespace Modular.Abstractions;

/// <summary>Decides where pods run. It only decides: queue, ledger, binding and retries belong to the driver.</summary>
[Contract("modular.scheduler", "0.1.0", ContractCardinality.One, HasTrials = true)]
public interface IScheduler
{
    /// <summary>Opens a session with an empty picture of the cluster. Several may be open at a time.</summary>
    ValueTask<ISchedulingSession> OpenAsync(SchedulingSessionOptions options, CancellationToken cancellationToken);
}

/// <summary>How a session is used.</summary>
public sealed record SchedulingSessionOptions
{
    /// <summary>Seed for whatever is random, so that a run can be repeated.</summary>
    public int Seed { get; init; }
}

/// <summary>One picture of the cluster and the decisions made on it. Calls come one after the other.</summary>
public interface ISchedulingSession : IAsyncDisposable
{
    /// <summary>Brings the picture up to date.</summary>
    /// <returns>False if the delta's base is not what the session has; the driver then sends the whole state.</returns>
    ValueTask<bool> UpdateAsync(ClusterDelta delta, CancellationToken cancellationToken);

    /// <summary>
    /// Places a batch of pods, in order; a placed pod takes its room at once, for the rest of the batch and until an update says otherwise.
    /// The driver checks the fit again before it binds.
    /// </summary>
    /// <returns>One placement per pod, in the batch's order.</returns>
    ValueTask<IReadOnlyList<Placement>> PlaceAsync(IReadOnlyList<SchedulingPod> pods, CancellationToken cancellationToken);
}

/// <summary>What changed in the cluster since a base.</summary>
public sealed record ClusterDelta
{
    /// <summary>The driver's revision this delta builds on; 0 for the whole state.</summary>
    public long Base { get; init; }

    /// <summary>The driver's revision afterwards.</summary>
    public long Revision { get; init; }

    /// <summary>New and changed nodes.</summary>
    public IReadOnlyList<SchedulingNode> Nodes { get; init; } = [];

    /// <summary>Names of nodes that are gone.</summary>
    public IReadOnlyList<string> RemovedNodes { get; init; } = [];

    /// <summary>Pods that take room on a node now, bound or assumed; NodeName is set.</summary>
    public IReadOnlyList<SchedulingPod> Pods { get; init; } = [];

    /// <summary>Uids of pods that no longer take room.</summary>
    public IReadOnlyList<string> RemovedPods { get; init; } = [];
}

/// <summary>A node as a scheduler sees it.</summary>
public sealed record SchedulingNode
{
    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>The labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = System.Collections.Frozen.FrozenDictionary<string, string>.Empty;

    /// <summary>The taints.</summary>
    public IReadOnlyList<Taint> Taints { get; init; } = [];

    /// <summary>True if new pods are not wanted.</summary>
    public bool Unschedulable { get; init; }

    /// <summary>What pods may take.</summary>
    public ResourceAmounts Allocatable { get; init; } = ResourceAmounts.None;
}

/// <summary>A pod as a scheduler sees it.</summary>
public sealed record SchedulingPod
{
    /// <summary>Identity.</summary>
    public required string Uid { get; init; }

    /// <summary>The namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>The labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = System.Collections.Frozen.FrozenDictionary<string, string>.Empty;

    /// <summary>What the pod asks for; Pods is 1.</summary>
    public ResourceAmounts Requests { get; init; } = ResourceAmounts.None;

    /// <summary>Labels a node must have.</summary>
    public IReadOnlyDictionary<string, string> NodeSelector { get; init; } = System.Collections.Frozen.FrozenDictionary<string, string>.Empty;

    /// <summary>Taints the pod bears.</summary>
    public IReadOnlyList<Toleration> Tolerations { get; init; } = [];

    /// <summary>Ports of the node the pod needs.</summary>
    public IReadOnlyList<HostPort> HostPorts { get; init; } = [];

    /// <summary>Higher goes first.</summary>
    public int Priority { get; init; }

    /// <summary>Where the pod is; empty if nowhere yet.</summary>
    public string NodeName { get; init; } = "";

    /// <summary>The controller the pod belongs to (its uid), so that siblings can be spread; empty if none.</summary>
    public string OwnerUid { get; init; } = "";
}

/// <summary>Amounts of what nodes have and pods take.</summary>
public sealed record ResourceAmounts
{
    /// <summary>Nothing.</summary>
    public static ResourceAmounts None { get; } = new();

    /// <summary>CPU in thousandths of a core.</summary>
    public long MilliCpu { get; init; }

    /// <summary>Memory in bytes.</summary>
    public long Memory { get; init; }

    /// <summary>Number of pods.</summary>
    public long Pods { get; init; }

    /// <summary>Any other resource by name, in its own unit; empty for most.</summary>
    public IReadOnlyDictionary<string, long> Extended { get; init; } = System.Collections.Frozen.FrozenDictionary<string, long>.Empty;
}

/// <summary>A mark on a node that keeps pods away.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value, or empty.</param>
/// <param name="Effect">NoSchedule, PreferNoSchedule or NoExecute.</param>
public sealed record Taint(string Key, string Value, string Effect);

/// <summary>A mark on a pod that bears a taint.</summary>
/// <param name="Key">The key; empty for all, with operator Exists.</param>
/// <param name="Operator">Equal or Exists.</param>
/// <param name="Value">The value for Equal.</param>
/// <param name="Effect">The effect; empty for all.</param>
public sealed record Toleration(string Key, string Operator, string Value, string Effect);

/// <summary>A port of the node.</summary>
/// <param name="Protocol">TCP, UDP or SCTP.</param>
/// <param name="Ip">The address; empty or 0.0.0.0 for all.</param>
/// <param name="Port">The port.</param>
public sealed record HostPort(string Protocol, string Ip, int Port);

/// <summary>Where a pod goes, or why it goes nowhere.</summary>
public sealed record Placement
{
    /// <summary>The pod.</summary>
    public required string PodUid { get; init; }

    /// <summary>The node; empty if none fits.</summary>
    public string NodeName { get; init; } = "";

    /// <summary>Why nodes were refused, with their number, such as <c>Insufficient cpu</c>: 3.</summary>
    public IReadOnlyList<RefusedNodes> Refused { get; init; } = [];

    /// <summary>Uids of pods to evict from the node first; empty for none.</summary>
    public IReadOnlyList<string> Victims { get; init; } = [];
}

/// <summary>How many nodes were refused for a reason.</summary>
public sealed record RefusedNodes(string Reason, int Count);
