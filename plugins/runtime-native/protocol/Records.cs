namespace Modular.RuntimeNative.Protocol;

// A member that is absent in the JSON reads as null, whatever the initializer says: hence the getters.

/// <summary>What the containers of a pod share, as it is kept on disk and sent over the socket.</summary>
internal sealed record SandboxRecord
{
    public required string Id { get; init; }

    public string PodNamespace { get => field ?? ""; init; }

    public string PodName { get => field ?? ""; init; }

    public string PodUid { get => field ?? ""; init; }

    public string Hostname { get => field ?? ""; init; }

    public bool HostNetwork { get; init; }

    public bool HostPid { get; init; }

    public bool HostIpc { get; init; }

    public bool ShareProcessNamespace { get; init; }

    public IReadOnlyDictionary<string, string> Sysctls { get => field ?? new Dictionary<string, string>(); init; }

    public ResourceRecord Resources { get => field ?? new(); init; }

    /// <summary>The path of the network namespace; empty without one.</summary>
    public string NetworkNamespace { get => field ?? ""; init; }

    public IReadOnlyDictionary<string, string> Labels { get => field ?? new Dictionary<string, string>(); init; }

    public bool Running { get; init; }

    public IReadOnlyList<string> Addresses { get => field ?? []; init; }
}

/// <summary>How to start a container: everything is resolved, nothing depends on the process that asks.</summary>
internal sealed record ContainerLaunch
{
    public required string Id { get; init; }

    public required string SandboxId { get; init; }

    public required string Name { get; init; }

    public int Attempt { get; init; }

    public string Image { get => field ?? ""; init; }

    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Complete, as NAME=VALUE; nothing is inherited.</summary>
    public IReadOnlyList<string> Environment { get => field ?? []; init; }

    public string WorkingDirectory { get => field ?? "/"; init; }

    public required string LogPath { get; init; }

    /// <summary>How many bytes the log may have until it is rotated; 0 for any number.</summary>
    public long LogMaxSize { get; init; }

    /// <summary>How many files of the log are kept, the one that is written included.</summary>
    public int LogMaxFiles { get; init; }

    /// <summary>Whether there is an input for those who attach; without, it is empty.</summary>
    public bool Stdin { get; init; }

    /// <summary>Whether the input ends with that of the first who attaches with one.</summary>
    public bool StdinOnce { get; init; }

    public bool Tty { get; init; }

    public IReadOnlyList<PortRecord> Ports { get => field ?? []; init; }

    /// <summary>What an isolated container has beside its program; null in process mode.</summary>
    public IsolationRecord? Isolation { get; init; }

    public IReadOnlyDictionary<string, string> Labels { get => field ?? new Dictionary<string, string>(); init; }
}

internal sealed record PortRecord(int Port, string Protocol);

/// <summary>What an isolated container may see, use and do.</summary>
internal sealed record IsolationRecord
{
    public IReadOnlyList<MountRecord> Mounts { get => field ?? []; init; }

    public ResourceRecord Resources { get => field ?? new(); init; }

    public int OomScoreAdjustment { get; init; }

    public uint User { get; init; }

    public uint Group { get; init; }

    public IReadOnlyList<uint> Groups { get => field ?? []; init; }

    public bool ReadOnlyRoot { get; init; }

    public bool Privileged { get; init; }

    public bool NoNewPrivileges { get; init; }

    /// <summary>The numbers of the capabilities that are left, as bits.</summary>
    public ulong Capabilities { get; init; }

    public bool Seccomp { get; init; }

    /// <summary>Whether the sensitive parts of /proc and /sys can be seen and written.</summary>
    public bool Unmasked { get; init; }
}

/// <summary>See ContainerMount of the runtime's contract.</summary>
internal sealed record MountRecord(string Source, string Target, bool ReadOnly, string Beneath, string Propagation);

/// <summary>See RuntimeResources of the runtime's contract; 0 for no limit.</summary>
internal sealed record ResourceRecord
{
    public long MilliCpuRequest { get; init; }

    public long MilliCpuLimit { get; init; }

    public long MemoryRequest { get; init; }

    public long MemoryLimit { get; init; }

    public long PidsLimit { get; init; }
}

internal static class Phases
{
    public const string Created = "Created";
    public const string Running = "Running";
    public const string Exited = "Exited";
}

/// <summary>What became of a container.</summary>
internal sealed record ContainerStatus
{
    public string Phase { get => field ?? Phases.Created; init; }

    public int Pid { get; init; }

    /// <summary>When the process started, in clock ticks since boot: with the pid and the boot it is the process's identity.</summary>
    public long StartTicks { get; init; }

    public string BootId { get => field ?? ""; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public int ExitCode { get; init; }

    public string Reason { get => field ?? ""; init; }

    public string Message { get => field ?? ""; init; }
}

/// <summary>A container on disk.</summary>
internal sealed record ContainerRecord(ContainerLaunch Launch, ContainerStatus Status)
{
    public ContainerReport Report() => new()
    {
        Id = Launch.Id,
        SandboxId = Launch.SandboxId,
        Name = Launch.Name,
        Attempt = Launch.Attempt,
        Image = Launch.Image,
        LogPath = Launch.LogPath,
        Labels = Launch.Labels,
        Status = Status,
    };
}

/// <summary>A container as the host hears of it: without its environment.</summary>
internal sealed record ContainerReport
{
    public required string Id { get; init; }

    public required string SandboxId { get; init; }

    public required string Name { get; init; }

    public int Attempt { get; init; }

    public string Image { get => field ?? ""; init; }

    public string LogPath { get => field ?? ""; init; }

    public IReadOnlyDictionary<string, string> Labels { get => field ?? new Dictionary<string, string>(); init; }

    public required ContainerStatus Status { get; init; }
}
