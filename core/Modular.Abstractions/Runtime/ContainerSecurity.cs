namespace Modular.Abstractions;

/// <summary>Who a container's processes are and what they may do. The pod's and the container's wishes are merged already.</summary>
public sealed record ContainerSecurity
{
    /// <summary>What a container has that wishes nothing.</summary>
    public static ContainerSecurity Default { get; } = new();

    /// <summary>The user; null for the image's.</summary>
    public long? RunAsUser { get; init; }

    /// <summary>The primary group; null for the image's.</summary>
    public long? RunAsGroup { get; init; }

    /// <summary>More groups, beside those the image's user has.</summary>
    public IReadOnlyList<long> SupplementalGroups { get; init; } = [];

    /// <summary>Whether everything but the mounts is read-only.</summary>
    public bool ReadOnlyRootFilesystem { get; init; }

    /// <summary>Whether the container may do what the host's root may do.</summary>
    public bool Privileged { get; init; }

    /// <summary>Whether a process may gain more rights than its parent has; false sets no_new_privs.</summary>
    public bool AllowPrivilegeEscalation { get; init; } = true;

    /// <summary>Capabilities beside the usual ones, without <c>CAP_</c>; <c>ALL</c> for all of them.</summary>
    public IReadOnlyList<string> AddedCapabilities { get; init; } = [];

    /// <summary>Capabilities taken away, without <c>CAP_</c>; <c>ALL</c> for all but the added ones.</summary>
    public IReadOnlyList<string> DroppedCapabilities { get; init; } = [];

    /// <summary>RuntimeDefault, Unconfined or Localhost; empty leaves it to the runtime.</summary>
    public string SeccompProfile { get; init; } = "";

    /// <summary>The profile's file, for Localhost.</summary>
    public string SeccompProfilePath { get; init; } = "";

    /// <summary>Default or Unmasked: whether the sensitive parts of /proc are hidden.</summary>
    public string ProcMount { get; init; } = "Default";
}
