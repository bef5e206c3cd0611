using System.Collections.Frozen;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using Modular.Abstractions;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>The records of the container runtime's contract as messages, and back.</summary>
internal static class RuntimeMessages
{
    public static Protocol.RuntimeInfo ToMessage(RuntimeInfo info) => new()
    {
        Name = info.Name,
        Version = info.Version,
        Mode = info.Mode,
        Limitation = info.Limitation,
        AssignsAddresses = info.AssignsAddresses,
        InstanceId = info.InstanceId,
    };

    public static RuntimeInfo FromMessage(Protocol.RuntimeInfo message) => new()
    {
        Name = message.Name,
        Version = message.Version,
        Mode = message.Mode,
        Limitation = message.Limitation,
        AssignsAddresses = message.AssignsAddresses,
        InstanceId = message.InstanceId,
    };

    public static Protocol.ImageRequest ToMessage(ImageRequest request) => new() { Image = request.Image, PullPolicy = request.PullPolicy };

    public static ImageRequest FromMessage(Protocol.ImageRequest message) => new(message.Image, message.PullPolicy);

    public static Protocol.SandboxSpec ToMessage(SandboxSpec spec)
    {
        var message = new Protocol.SandboxSpec
        {
            Id = spec.Id,
            PodNamespace = spec.PodNamespace,
            PodName = spec.PodName,
            PodUid = spec.PodUid,
            Hostname = spec.Hostname,
            HostNetwork = spec.HostNetwork,
            HostPid = spec.HostPID,
            HostIpc = spec.HostIPC,
            ShareProcessNamespace = spec.ShareProcessNamespace,
            Resources = ToMessage(spec.Resources),
        };
        Fill(message.Sysctls, spec.Sysctls);
        Fill(message.Labels, spec.Labels);
        return message;
    }

    public static SandboxSpec FromMessage(Protocol.SandboxSpec message) => new()
    {
        Id = message.Id,
        PodNamespace = message.PodNamespace,
        PodName = message.PodName,
        PodUid = message.PodUid,
        Hostname = message.Hostname,
        HostNetwork = message.HostNetwork,
        HostPID = message.HostPid,
        HostIPC = message.HostIpc,
        ShareProcessNamespace = message.ShareProcessNamespace,
        Sysctls = FromMessage(message.Sysctls),
        Resources = FromMessage(message.Resources),
        Labels = FromMessage(message.Labels),
    };

    public static Protocol.SandboxState ToMessage(SandboxState state)
    {
        var message = new Protocol.SandboxState { Id = state.Id, Running = state.Running, NetworkNamespace = state.NetworkNamespace, Spec = ToMessage(state.Spec) };
        message.Addresses.AddRange(state.Addresses);
        return message;
    }

    public static SandboxState FromMessage(Protocol.SandboxState message) => new()
    {
        Id = message.Id,
        Running = message.Running,
        Addresses = [.. message.Addresses],
        NetworkNamespace = message.NetworkNamespace,
        Spec = FromMessage(message.Spec ?? new Protocol.SandboxSpec { Id = message.Id }),
    };

    public static Protocol.ContainerSpec ToMessage(ContainerSpec spec)
    {
        var message = new Protocol.ContainerSpec
        {
            Id = spec.Id,
            SandboxId = spec.SandboxId,
            Name = spec.Name,
            Attempt = spec.Attempt,
            Image = spec.Image,
            WorkingDirectory = spec.WorkingDirectory,
            LogPath = spec.LogPath,
            Stdin = spec.Stdin,
            StdinOnce = spec.StdinOnce,
            Tty = spec.Tty,
            Resources = ToMessage(spec.Resources),
            Security = ToMessage(spec.Security),
        };
        message.Command.AddRange(spec.Command);
        message.Args.AddRange(spec.Args);
        message.Environment.AddRange(spec.Environment.Select(variable => new Protocol.EnvironmentVariable { Name = variable.Key, Value = variable.Value }));
        message.Mounts.AddRange(spec.Mounts.Select(ToMessage));
        message.Ports.AddRange(spec.Ports.Select(port => new Protocol.RuntimePort { Port = port.Port, Protocol = port.Protocol }));
        Fill(message.Labels, spec.Labels);
        return message;
    }

    public static ContainerSpec FromMessage(Protocol.ContainerSpec message) => new()
    {
        Id = message.Id,
        SandboxId = message.SandboxId,
        Name = message.Name,
        Attempt = message.Attempt,
        Image = message.Image,
        Command = [.. message.Command],
        Args = [.. message.Args],
        WorkingDirectory = message.WorkingDirectory,
        Environment = [.. message.Environment.Select(variable => KeyValuePair.Create(variable.Name, variable.Value))],
        Mounts = [.. message.Mounts.Select(FromMessage)],
        Ports = [.. message.Ports.Select(port => new RuntimePort(port.Port, port.Protocol))],
        LogPath = message.LogPath,
        Stdin = message.Stdin,
        StdinOnce = message.StdinOnce,
        Tty = message.Tty,
        Resources = FromMessage(message.Resources),
        Security = FromMessage(message.Security),
        Labels = FromMessage(message.Labels),
    };

    public static Protocol.ContainerState ToMessage(ContainerState state)
    {
        var message = new Protocol.ContainerState
        {
            Id = state.Id,
            SandboxId = state.SandboxId,
            Name = state.Name,
            Attempt = state.Attempt,
            Image = state.Image,
            Phase = state.Phase switch
            {
                ContainerPhase.Created => Protocol.ContainerPhase.Created,
                ContainerPhase.Running => Protocol.ContainerPhase.Running,
                ContainerPhase.Exited => Protocol.ContainerPhase.Exited,
                _ => Protocol.ContainerPhase.Unknown,
            },
            Pid = state.Pid,
            StartedAt = state.StartedAt is { } started ? Timestamp.FromDateTimeOffset(started) : null,
            FinishedAt = state.FinishedAt is { } finished ? Timestamp.FromDateTimeOffset(finished) : null,
            ExitCode = state.ExitCode,
            Reason = state.Reason,
            Message = state.Message,
            LogPath = state.LogPath,
        };
        Fill(message.Labels, state.Labels);
        return message;
    }

    public static ContainerState FromMessage(Protocol.ContainerState message) => new()
    {
        Id = message.Id,
        SandboxId = message.SandboxId,
        Name = message.Name,
        Attempt = message.Attempt,
        Image = message.Image,
        Phase = message.Phase switch
        {
            Protocol.ContainerPhase.Created => ContainerPhase.Created,
            Protocol.ContainerPhase.Running => ContainerPhase.Running,
            Protocol.ContainerPhase.Exited => ContainerPhase.Exited,
            _ => ContainerPhase.Unknown,
        },
        Pid = message.Pid,
        StartedAt = message.StartedAt?.ToDateTimeOffset(),
        FinishedAt = message.FinishedAt?.ToDateTimeOffset(),
        ExitCode = message.ExitCode,
        Reason = message.Reason,
        Message = message.Message,
        LogPath = message.LogPath,
        Labels = FromMessage(message.Labels),
    };

    public static Protocol.RuntimeState ToMessage(RuntimeState state)
    {
        var message = new Protocol.RuntimeState { Position = state.Position };
        message.Sandboxes.AddRange(state.Sandboxes.Select(ToMessage));
        message.Containers.AddRange(state.Containers.Select(ToMessage));
        return message;
    }

    public static RuntimeState FromMessage(Protocol.RuntimeState message) => new()
    {
        Position = message.Position,
        Sandboxes = [.. message.Sandboxes.Select(FromMessage)],
        Containers = [.. message.Containers.Select(FromMessage)],
    };

    public static Protocol.RuntimeEvent ToMessage(RuntimeEvent entry) => new()
    {
        Type = entry.Type == RuntimeEventType.ContainerChanged ? Protocol.RuntimeEventType.ContainerChanged : Protocol.RuntimeEventType.Resync,
        Position = entry.Position,
        Container = entry.Container is null ? null : ToMessage(entry.Container),
    };

    // A change that says nothing of its container is as good as one that was missed.
    public static RuntimeEvent FromMessage(Protocol.RuntimeEvent message) => new()
    {
        Type = message is { Type: Protocol.RuntimeEventType.ContainerChanged, Container: not null } ? RuntimeEventType.ContainerChanged : RuntimeEventType.Resync,
        Position = message.Position,
        Container = message is { Type: Protocol.RuntimeEventType.ContainerChanged, Container: { } container } ? FromMessage(container) : null,
    };

    public static Protocol.ExecRequest ToMessage(ExecRequest request)
    {
        var message = new Protocol.ExecRequest { ContainerId = request.ContainerId, Stdin = request.Stdin, Tty = request.Tty };
        message.Command.AddRange(request.Command);
        return message;
    }

    public static ExecRequest FromMessage(Protocol.ExecRequest message) =>
        new() { ContainerId = message.ContainerId, Command = [.. message.Command], Stdin = message.Stdin, Tty = message.Tty };

    public static Protocol.AttachRequest ToMessage(AttachRequest request) => new() { ContainerId = request.ContainerId, Stdin = request.Stdin, Tty = request.Tty };

    public static AttachRequest FromMessage(Protocol.AttachRequest message) => new() { ContainerId = message.ContainerId, Stdin = message.Stdin, Tty = message.Tty };

    public static Protocol.RuntimeRefusal ToMessage(RuntimeException refusal) => new() { Reason = refusal.Reason, Message = refusal.Message };

    public static RuntimeException FromMessage(Protocol.RuntimeRefusal message) => new(message.Reason, message.Message);

    /// <exception cref="RuntimeException">There is a refusal.</exception>
    public static void ThrowIf(Protocol.RuntimeRefusal? refusal)
    {
        if (refusal is not null)
        {
            throw FromMessage(refusal);
        }
    }

    private static Protocol.ContainerMount ToMessage(ContainerMount mount) => new()
    {
        HostPath = mount.HostPath,
        ContainerPath = mount.ContainerPath,
        ReadOnly = mount.ReadOnly,
        Name = mount.Name,
        Beneath = mount.Beneath,
        Propagation = mount.Propagation,
    };

    private static ContainerMount FromMessage(Protocol.ContainerMount message) =>
        new(message.HostPath, message.ContainerPath, message.ReadOnly) { Name = message.Name, Beneath = message.Beneath, Propagation = message.Propagation };

    private static Protocol.RuntimeResources ToMessage(RuntimeResources resources) => new()
    {
        MilliCpuRequest = resources.MilliCpuRequest,
        MilliCpuLimit = resources.MilliCpuLimit,
        MemoryRequest = resources.MemoryRequest,
        MemoryLimit = resources.MemoryLimit,
        PidsLimit = resources.PidsLimit,
        OomScoreAdjustment = resources.OomScoreAdjustment,
    };

    private static RuntimeResources FromMessage(Protocol.RuntimeResources? message) => message is null ? RuntimeResources.None : new()
    {
        MilliCpuRequest = message.MilliCpuRequest,
        MilliCpuLimit = message.MilliCpuLimit,
        MemoryRequest = message.MemoryRequest,
        MemoryLimit = message.MemoryLimit,
        PidsLimit = message.PidsLimit,
        OomScoreAdjustment = message.OomScoreAdjustment,
    };

    private static Protocol.ContainerSecurity ToMessage(ContainerSecurity security)
    {
        var message = new Protocol.ContainerSecurity
        {
            ReadOnlyRootFilesystem = security.ReadOnlyRootFilesystem,
            Privileged = security.Privileged,
            AllowPrivilegeEscalation = security.AllowPrivilegeEscalation,
            SeccompProfile = security.SeccompProfile,
            SeccompProfilePath = security.SeccompProfilePath,
            ProcMount = security.ProcMount,
        };
        if (security.RunAsUser is { } user)
        {
            message.RunAsUser = user;
        }

        if (security.RunAsGroup is { } group)
        {
            message.RunAsGroup = group;
        }

        message.SupplementalGroups.AddRange(security.SupplementalGroups);
        message.AddedCapabilities.AddRange(security.AddedCapabilities);
        message.DroppedCapabilities.AddRange(security.DroppedCapabilities);
        return message;
    }

    private static ContainerSecurity FromMessage(Protocol.ContainerSecurity? message) => message is null ? ContainerSecurity.Default : new()
    {
        RunAsUser = message.HasRunAsUser ? message.RunAsUser : null,
        RunAsGroup = message.HasRunAsGroup ? message.RunAsGroup : null,
        SupplementalGroups = [.. message.SupplementalGroups],
        ReadOnlyRootFilesystem = message.ReadOnlyRootFilesystem,
        Privileged = message.Privileged,
        AllowPrivilegeEscalation = message.AllowPrivilegeEscalation,
        AddedCapabilities = [.. message.AddedCapabilities],
        DroppedCapabilities = [.. message.DroppedCapabilities],
        SeccompProfile = message.SeccompProfile,
        SeccompProfilePath = message.SeccompProfilePath,
        ProcMount = message.ProcMount,
    };

    private static IReadOnlyDictionary<string, string> FromMessage(MapField<string, string> map) =>
        map.Count == 0 ? FrozenDictionary<string, string>.Empty : new Dictionary<string, string>(map, StringComparer.Ordinal);

    private static void Fill(MapField<string, string> map, IReadOnlyDictionary<string, string> values)
    {
        foreach (var (name, value) in values)
        {
            map.Add(name, value);
        }
    }
}
