using Modular.RuntimeNative.Protocol;

namespace Modular.RuntimeNative.Supervisor.Isolation;

/// <summary>
/// The kernel's groups of processes that limits apply to. Names are relative to this supervisor's own group and nest: <c>sandbox/container</c>.
/// </summary>
internal interface IControlGroups
{
    /// <summary>Makes a group, and those it is in, and sets its limits.</summary>
    void Ensure(string name, ResourceRecord limits);

    /// <summary>The files that a process writes 0 into to enter a group.</summary>
    IReadOnlyList<string> EntriesOf(string name);

    /// <summary>Whether a process of the group was killed because its memory was used up.</summary>
    bool RanOutOfMemory(string name);

    /// <summary>Kills what is in a group and in those within it, and removes them. The empty name stands for all of them.</summary>
    void Remove(string name);

    /// <summary>What a container sees at /sys/fs/cgroup: the file system's type, the directory below and the options of each.</summary>
    IReadOnlyList<(string Type, string Directory, string Options)> Mounts { get; }
}
