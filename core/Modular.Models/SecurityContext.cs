namespace Modular.Models;

/// <summary>Who a container is and what it may do. What is null is the pod's.</summary>
public sealed record SecurityContext
{
    /// <summary>The user.</summary>
    public long? RunAsUser { get; init; }

    /// <summary>The primary group.</summary>
    public long? RunAsGroup { get; init; }

    /// <summary>Whether root is refused.</summary>
    public bool? RunAsNonRoot { get; init; }

    /// <summary>Whether everything but the volumes is read-only.</summary>
    public bool ReadOnlyRootFilesystem { get; init; }

    /// <summary>Whether it may do what the node's root may do.</summary>
    public bool Privileged { get; init; }

    /// <summary>Whether a process may gain more rights than its parent has; null means yes.</summary>
    public bool? AllowPrivilegeEscalation { get; init; }

    /// <summary>Capabilities beside or without the usual ones.</summary>
    public Capabilities? Capabilities { get; init; }

    /// <summary>Which system calls are allowed.</summary>
    public SeccompProfile? SeccompProfile { get; init; }

    /// <summary>Default or Unmasked.</summary>
    public string ProcMount { get => field is null or "" ? "Default" : field; init; }
}

/// <summary>Who the containers of a pod are and what they may do.</summary>
public sealed record PodSecurityContext
{
    /// <summary>The user.</summary>
    public long? RunAsUser { get; init; }

    /// <summary>The primary group.</summary>
    public long? RunAsGroup { get; init; }

    /// <summary>Whether root is refused.</summary>
    public bool? RunAsNonRoot { get; init; }

    /// <summary>The group that volumes belong to and every container is in.</summary>
    public long? FsGroup { get; init; }

    /// <summary>More groups that every container is in.</summary>
    public IReadOnlyList<long> SupplementalGroups { get => field ?? []; init; }

    /// <summary>Kernel parameters.</summary>
    public IReadOnlyList<Sysctl> Sysctls { get => field ?? []; init; }

    /// <summary>Which system calls are allowed.</summary>
    public SeccompProfile? SeccompProfile { get; init; }
}

/// <summary>Capabilities beside or without the usual ones, without <c>CAP_</c>.</summary>
public sealed record Capabilities
{
    /// <summary>Beside them; <c>ALL</c> for all.</summary>
    public IReadOnlyList<string> Add { get => field ?? []; init; }

    /// <summary>Without them; <c>ALL</c> for all but the added ones.</summary>
    public IReadOnlyList<string> Drop { get => field ?? []; init; }
}

/// <summary>Which system calls are allowed.</summary>
public sealed record SeccompProfile
{
    /// <summary>RuntimeDefault, Unconfined or Localhost.</summary>
    public string Type { get => field ?? ""; init; }

    /// <summary>The profile's file, for Localhost.</summary>
    public string LocalhostProfile { get => field ?? ""; init; }
}

/// <summary>A kernel parameter.</summary>
public sealed record Sysctl
{
    /// <summary>Its name.</summary>
    public string Name { get => field ?? ""; init; }

    /// <summary>Its value.</summary>
    public string Value { get => field ?? ""; init; }
}
