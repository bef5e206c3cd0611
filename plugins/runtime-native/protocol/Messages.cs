namespace Modular.RuntimeNative.Protocol;

/// <summary>The version of what is said over the socket; the two sides must have the same.</summary>
internal static class ProtocolVersion
{
    public const int Current = 1;
}

internal static class Operations
{
    public const string Hello = "hello";
    public const string EnsureSandbox = "ensureSandbox";
    public const string StopSandbox = "stopSandbox";
    public const string RemoveSandbox = "removeSandbox";
    public const string EnsureContainer = "ensureContainer";
    public const string StartContainer = "startContainer";
    public const string StopContainer = "stopContainer";
    public const string RemoveContainer = "removeContainer";
    public const string List = "list";
    public const string Watch = "watch";
    public const string Exec = "exec";
    public const string Attach = "attach";
}

/// <summary>One line from the host.</summary>
internal sealed record Request
{
    /// <summary>Chosen by the host; the response repeats it.</summary>
    public long Id { get; init; }

    public required string Operation { get; init; }

    /// <summary>The sandbox or container that is meant.</summary>
    public string Target { get => field ?? ""; init; }

    public double GraceSeconds { get; init; }

    /// <summary>For watch: the last position the host has seen.</summary>
    public long After { get; init; }

    public SandboxRecord? Sandbox { get; init; }

    public ContainerLaunch? Container { get; init; }

    public ExecCommand? Exec { get; init; }

    public AttachOptions? Attach { get; init; }
}

internal sealed record ExecCommand
{
    public required IReadOnlyList<string> Command { get; init; }

    public bool Stdin { get; init; }

    public bool Tty { get; init; }
}

internal sealed record AttachOptions
{
    /// <summary>Whether the host sends input.</summary>
    public bool Stdin { get; init; }
}

/// <summary>One line from the supervisor: the answer to a request, or an event of a watch.</summary>
internal sealed record Response
{
    public long Id { get; init; }

    public ErrorRecord? Error { get; init; }

    public HelloRecord? Hello { get; init; }

    public SandboxRecord? Sandbox { get; init; }

    public ContainerReport? Container { get; init; }

    public StateRecord? State { get; init; }

    public EventRecord? Event { get; init; }
}

internal sealed record ErrorRecord(string Reason, string Message);

internal sealed record HelloRecord(int Protocol, string Version, string InstanceId, int Pid);

internal sealed record StateRecord(long Position, IReadOnlyList<SandboxRecord> Sandboxes, IReadOnlyList<ContainerReport> Containers);

/// <summary>A container that changed; none says that events were missed and the host must list again.</summary>
internal sealed record EventRecord(long Position, ContainerReport? Container);
