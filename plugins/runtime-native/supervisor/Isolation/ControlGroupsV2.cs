using System.Globalization;
using Modular.RuntimeNative.Protocol;

namespace Modular.RuntimeNative.Supervisor.Isolation;

/// <summary>The newer way: one hierarchy, and each group says which limits the groups within it can have.</summary>
internal sealed class ControlGroupsV2(string root, string owner) : IControlGroups
{
    private const long Period = 100_000;
    private const long LeastQuota = 1000;
    private const string Controllers = "+cpu +memory +pids";

    public IReadOnlyList<(string Type, string Directory, string Options)> Mounts { get; } = [("cgroup2", "", "")];

    public void Ensure(string name, ResourceRecord limits)
    {
        var directory = Path.Combine(root, owner);
        Enable(root);
        Directory.CreateDirectory(directory);
        foreach (var part in name.Split('/'))
        {
            Enable(directory);
            directory = Path.Combine(directory, part);
            Directory.CreateDirectory(directory);
        }

        ControlGroupDirectory.Write(directory, "cpu.weight", Weight(limits.MilliCpuRequest));
        if (limits.MilliCpuLimit > 0)
        {
            var quota = Math.Max(limits.MilliCpuLimit * Period / 1000, LeastQuota);
            ControlGroupDirectory.Write(directory, "cpu.max", string.Create(CultureInfo.InvariantCulture, $"{quota} {Period}"));
        }

        if (limits.MemoryRequest > 0)
        {
            ControlGroupDirectory.Write(directory, "memory.low", limits.MemoryRequest);
        }

        if (limits.MemoryLimit > 0)
        {
            ControlGroupDirectory.Write(directory, "memory.max", limits.MemoryLimit);
            if (File.Exists(Path.Combine(directory, "memory.swap.max")))
            {
                ControlGroupDirectory.Write(directory, "memory.swap.max", 0);
            }
        }

        if (limits.PidsLimit > 0)
        {
            ControlGroupDirectory.Write(directory, "pids.max", limits.PidsLimit);
        }
    }

    public IReadOnlyList<string> EntriesOf(string name) => [Path.Combine(root, owner, name, ControlGroupDirectory.Entry)];

    public bool RanOutOfMemory(string name) => ControlGroupDirectory.Read(Path.Combine(root, owner, name), "memory.events", "oom_kill") > 0;

    public void Remove(string name) => ControlGroupDirectory.Remove(Path.Combine(root, owner, name));

    private static void Enable(string directory) => ControlGroupDirectory.Write(directory, "cgroup.subtree_control", Controllers);

    // Kubernetes' own conversion of the older way's shares, 2 to 262144, into weights, 1 to 10000.
    private static long Weight(long milliCpu)
    {
        var shares = Math.Clamp(milliCpu * 1024 / 1000, 2, 262_144);
        return 1 + ((shares - 2) * 9999 / 262_142);
    }
}
