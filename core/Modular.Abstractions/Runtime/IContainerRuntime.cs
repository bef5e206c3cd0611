namespace Modular.Abstractions;

/// <summary>
/// Runs sandboxes (what the containers of a pod share) and containers. Ids are chosen by the caller, so that every Ensure call can be
/// repeated after a crash: what is already there and matches is answered, not made again. Thread-safe.
/// </summary>
/// <remarks>
/// Failing is reported as <see cref="RuntimeException"/> with a reason; so is an id that a runtime can't keep, such as one too long. Containers outlive the process that asked for them; after a
/// restart <see cref="ListAsync"/> and <see cref="WatchAsync"/> tell what became of them.
/// </remarks>
[Contract("modular.container-runtime", "0.1.0", ContractCardinality.One)]
public interface IContainerRuntime
{
    /// <summary>What this runtime is and can do.</summary>
    ValueTask<RuntimeInfo> GetInfoAsync(CancellationToken cancellationToken);

    /// <summary>Makes sure that an image is here and answers its id.</summary>
    ValueTask<string> EnsureImageAsync(ImageRequest request, CancellationToken cancellationToken);

    /// <summary>Makes sure that a sandbox exists.</summary>
    ValueTask<SandboxState> EnsureSandboxAsync(SandboxSpec spec, CancellationToken cancellationToken);

    /// <summary>Stops the containers of a sandbox at once and gives its addresses back. Unknown ids are no error.</summary>
    ValueTask StopSandboxAsync(string sandboxId, CancellationToken cancellationToken);

    /// <summary>Forgets a stopped sandbox and its containers. Unknown ids are no error.</summary>
    ValueTask RemoveSandboxAsync(string sandboxId, CancellationToken cancellationToken);

    /// <summary>Makes sure that a container exists; it is not started.</summary>
    ValueTask EnsureContainerAsync(ContainerSpec spec, CancellationToken cancellationToken);

    /// <summary>Starts a container. One that was started already, or has ended, is left as it is.</summary>
    /// <returns>How it is then; an event says the same.</returns>
    ValueTask<ContainerState> StartContainerAsync(string containerId, CancellationToken cancellationToken);

    /// <summary>Asks a container to end, and ends it after the grace period. Returns when it has ended. Unknown ids are no error.</summary>
    ValueTask StopContainerAsync(string containerId, TimeSpan grace, CancellationToken cancellationToken);

    /// <summary>Forgets a container that does not run. Unknown ids are no error.</summary>
    ValueTask RemoveContainerAsync(string containerId, CancellationToken cancellationToken);

    /// <summary>Everything the runtime knows, as of one moment.</summary>
    ValueTask<RuntimeState> ListAsync(CancellationToken cancellationToken);

    /// <summary>
    /// What happens after a position (from <see cref="RuntimeState.Position"/> or an event). A <see cref="RuntimeEventType.Resync"/> says that
    /// events were missed: list again and watch from there.
    /// </summary>
    IAsyncEnumerable<RuntimeEvent> WatchAsync(long after, CancellationToken cancellationToken);
}

/// <summary>Streams into containers; an optional feature of a runtime.</summary>
public interface IContainerStreams
{
    /// <summary>Runs a command in a running container.</summary>
    ValueTask<IContainerSession> ExecAsync(ExecRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Joins a running container's own program: what it writes from now on comes here too, beside its log and any number of other sessions. Input goes
    /// to the container if it was made with <see cref="ContainerSpec.Stdin"/>, and nowhere otherwise. The container never waits for a session: one that is
    /// not read for too long fails.
    /// </summary>
    ValueTask<IContainerSession> AttachAsync(AttachRequest request, CancellationToken cancellationToken);
}

/// <summary>A command that runs in a container, or a container that somebody is attached to. Disposing it ends the command; a container goes on.</summary>
public interface IContainerSession : IAsyncDisposable
{
    /// <summary>
    /// The command's input; completing it closes the command's stdin. A container's stdin is closed if it was made with <see cref="ContainerSpec.StdinOnce"/>;
    /// otherwise it stays open for others, and this session ends. Null if not asked for.
    /// </summary>
    System.IO.Pipelines.PipeWriter? Input { get; }

    /// <summary>The output.</summary>
    System.IO.Pipelines.PipeReader Output { get; }

    /// <summary>The error output; null with a terminal.</summary>
    System.IO.Pipelines.PipeReader? Error { get; }

    /// <summary>Tells a terminal its size in characters.</summary>
    ValueTask ResizeAsync(int columns, int rows, CancellationToken cancellationToken);

    /// <summary>The exit code, once the command or the container has ended and its output is complete; 0 if a session ended before its container.</summary>
    Task<int> Completion { get; }
}

/// <summary>What a runtime is and can do.</summary>
public sealed record RuntimeInfo
{
    /// <summary>The runtime's name, as nodes report it.</summary>
    public required string Name { get; init; }

    /// <summary>Its version.</summary>
    public required string Version { get; init; }

    /// <summary>How containers are kept apart: <c>process</c> (not at all) or <c>isolated</c>.</summary>
    public string Mode { get; init; } = "isolated";

    /// <summary>What this runtime does not do here and the user should know; one line, or empty.</summary>
    public string Limitation { get; init; } = "";

    /// <summary>True if sandboxes get their addresses from the runtime rather than from a pod network.</summary>
    public bool AssignsAddresses { get; init; }

    /// <summary>Counts the runtime's starts; changes when containers may have been lost.</summary>
    public string InstanceId { get; init; } = "";
}

/// <summary>An image to have.</summary>
/// <param name="Image">The name in the pod.</param>
/// <param name="PullPolicy">Always, IfNotPresent or Never.</param>
public sealed record ImageRequest(string Image, string PullPolicy);

/// <summary>A sandbox to have.</summary>
public sealed record SandboxSpec
{
    /// <summary>Chosen by the caller, unique for all time.</summary>
    public required string Id { get; init; }

    /// <summary>The pod it is for.</summary>
    public required string PodNamespace { get; init; }

    /// <summary>The pod it is for.</summary>
    public required string PodName { get; init; }

    /// <summary>The pod it is for.</summary>
    public required string PodUid { get; init; }

    /// <summary>The host name inside.</summary>
    public string Hostname { get; init; } = "";

    /// <summary>Whether the sandbox uses the host's network.</summary>
    public bool HostNetwork { get; init; }

    /// <summary>Whether its containers see the host's processes.</summary>
    public bool HostPID { get; init; }

    /// <summary>Whether the sandbox uses the host's inter-process communication.</summary>
    public bool HostIPC { get; init; }

    /// <summary>Whether its containers see each other's processes.</summary>
    public bool ShareProcessNamespace { get; init; }

    /// <summary>Kernel parameters of the sandbox's own namespaces, as <c>kernel.shm_rmid_forced</c>.</summary>
    public IReadOnlyDictionary<string, string> Sysctls { get; init; } = System.Collections.Frozen.FrozenDictionary<string, string>.Empty;

    /// <summary>What all of its containers together may use.</summary>
    public RuntimeResources Resources { get; init; } = RuntimeResources.None;

    /// <summary>Kept and given back by List; lets the caller recognise its own.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = System.Collections.Frozen.FrozenDictionary<string, string>.Empty;
}

/// <summary>A sandbox as it is.</summary>
public sealed record SandboxState
{
    /// <summary>The spec's id.</summary>
    public required string Id { get; init; }

    /// <summary>False once it was stopped.</summary>
    public bool Running { get; init; }

    /// <summary>The addresses, if the runtime assigns them.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>The path of its network namespace, if it has one of its own.</summary>
    public string NetworkNamespace { get; init; } = "";

    /// <summary>The spec's pod and labels.</summary>
    public required SandboxSpec Spec { get; init; }
}

/// <summary>A container to have.</summary>
public sealed record ContainerSpec
{
    /// <summary>Chosen by the caller, unique for all time; a restart is a new id.</summary>
    public required string Id { get; init; }

    /// <summary>The sandbox it joins.</summary>
    public required string SandboxId { get; init; }

    /// <summary>The container's name in the pod.</summary>
    public required string Name { get; init; }

    /// <summary>Which start of this container of the pod it is, from 0.</summary>
    public int Attempt { get; init; }

    /// <summary>The image, as <see cref="IContainerRuntime.EnsureImageAsync"/> answered it.</summary>
    public required string Image { get; init; }

    /// <summary>Replaces the image's entry point; empty keeps it.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>Replaces the image's arguments; with neither, the image's own are used.</summary>
    public IReadOnlyList<string> Args { get; init; } = [];

    /// <summary>The working directory; empty for the image's.</summary>
    public string WorkingDirectory { get; init; } = "";

    /// <summary>The environment, in order, beside the image's.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; } = [];

    /// <summary>What is mounted where.</summary>
    public IReadOnlyList<ContainerMount> Mounts { get; init; } = [];

    /// <summary>The ports the container says it listens on; a runtime without a network of its own checks that they are free.</summary>
    public IReadOnlyList<RuntimePort> Ports { get; init; } = [];

    /// <summary>The file that gets the output, in CRI log format; its directory exists.</summary>
    public required string LogPath { get; init; }

    /// <summary>Whether stdin stays open for those who attach; without, it is empty.</summary>
    public bool Stdin { get; init; }

    /// <summary>Whether stdin ends with that of the first who attaches with one.</summary>
    public bool StdinOnce { get; init; }

    /// <summary>Whether the container has a terminal.</summary>
    public bool Tty { get; init; }

    /// <summary>What it may use of the machine.</summary>
    public RuntimeResources Resources { get; init; } = RuntimeResources.None;

    /// <summary>Who its processes are and what they may do.</summary>
    public ContainerSecurity Security { get; init; } = ContainerSecurity.Default;

    /// <summary>Kept and given back by List.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = System.Collections.Frozen.FrozenDictionary<string, string>.Empty;
}

/// <summary>A directory or file of the host that a container sees.</summary>
/// <param name="HostPath">On the host; exists.</param>
/// <param name="ContainerPath">In the container; absolute.</param>
/// <param name="ReadOnly">Whether the container may only read.</param>
public sealed record ContainerMount(string HostPath, string ContainerPath, bool ReadOnly)
{
    /// <summary>The volume's name in the pod.</summary>
    public string Name { get; init; } = "";

    /// <summary>
    /// A directory of the host that <see cref="HostPath"/> is in and must not be led out of by symbolic links, which containers may place at
    /// any time; empty if the path is to be trusted. When the container was described, the path held no link below this directory.
    /// </summary>
    public string Beneath { get; init; } = "";

    /// <summary>None, HostToContainer or Bidirectional: which later mounts below one side the other side sees.</summary>
    public string Propagation { get; init; } = "None";
}

/// <summary>A port on the sandbox's address.</summary>
/// <param name="Port">Its number.</param>
/// <param name="Protocol">TCP, UDP or SCTP.</param>
public sealed record RuntimePort(int Port, string Protocol);

/// <summary>Where a container is in its life.</summary>
public enum ContainerPhase
{
    /// <summary>It exists and was not started.</summary>
    Created,
    /// <summary>It runs.</summary>
    Running,
    /// <summary>It has ended.</summary>
    Exited,
    /// <summary>It is known that it existed, but not what became of it.</summary>
    Unknown,
}

/// <summary>A container as it is.</summary>
public sealed record ContainerState
{
    /// <summary>The spec's id.</summary>
    public required string Id { get; init; }

    /// <summary>The spec's sandbox.</summary>
    public required string SandboxId { get; init; }

    /// <summary>The spec's name.</summary>
    public required string Name { get; init; }

    /// <summary>The spec's attempt.</summary>
    public int Attempt { get; init; }

    /// <summary>The spec's image.</summary>
    public string Image { get; init; } = "";

    /// <summary>Where it is in its life.</summary>
    public ContainerPhase Phase { get; init; }

    /// <summary>The process on the host; 0 if it does not run.</summary>
    public int Pid { get; init; }

    /// <summary>When it was started.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>128 + n if signal n ended it.</summary>
    public int ExitCode { get; init; }

    /// <summary>Completed, Error, OOMKilled, ContainerCannotRun, ContainerStatusUnknown; empty while it runs.</summary>
    public string Reason { get; init; } = "";

    /// <summary>More about the reason; may be empty.</summary>
    public string Message { get; init; } = "";

    /// <summary>The spec's log file.</summary>
    public string LogPath { get; init; } = "";

    /// <summary>The spec's labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = System.Collections.Frozen.FrozenDictionary<string, string>.Empty;
}

/// <summary>Everything a runtime knows.</summary>
public sealed record RuntimeState
{
    /// <summary>Where to watch from.</summary>
    public long Position { get; init; }

    /// <summary>The sandboxes.</summary>
    public IReadOnlyList<SandboxState> Sandboxes { get; init; } = [];

    /// <summary>The containers.</summary>
    public IReadOnlyList<ContainerState> Containers { get; init; } = [];
}

/// <summary>What happened.</summary>
public enum RuntimeEventType
{
    /// <summary>The container's phase changed.</summary>
    ContainerChanged,
    /// <summary>Events were missed; list again.</summary>
    Resync,
}

/// <summary>Something that happened.</summary>
public sealed record RuntimeEvent
{
    /// <summary>What.</summary>
    public required RuntimeEventType Type { get; init; }

    /// <summary>Where to go on from.</summary>
    public long Position { get; init; }

    /// <summary>The container as it is now; null for Resync.</summary>
    public ContainerState? Container { get; init; }
}

/// <summary>A command to run in a container.</summary>
public sealed record ExecRequest
{
    /// <summary>The container.</summary>
    public required string ContainerId { get; init; }

    /// <summary>The command and its arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Whether the caller sends input.</summary>
    public bool Stdin { get; init; }

    /// <summary>Whether the command gets a terminal.</summary>
    public bool Tty { get; init; }
}

/// <summary>A container to attach to.</summary>
public sealed record AttachRequest
{
    /// <summary>The container.</summary>
    public required string ContainerId { get; init; }

    /// <summary>Whether the caller sends input.</summary>
    public bool Stdin { get; init; }

    /// <summary>Whether the container has a terminal, as its <see cref="ContainerSpec.Tty"/> says.</summary>
    public bool Tty { get; init; }
}

/// <summary>A runtime could not do what it was asked, and why.</summary>
/// <param name="reason">CamelCase, as statuses and events show it: ErrImagePull, InvalidImageName, RunContainerError, AddressConflict, NotFound.</param>
/// <param name="message">One line for the user.</param>
public sealed class RuntimeException(string reason, string message) : Exception(message)
{
    /// <summary>CamelCase, as statuses and events show it.</summary>
    public string Reason { get; } = reason;
}
