using Modular.RuntimeNative.Protocol;

namespace Modular.RuntimeNative.Supervisor.Isolation;

/// <summary>The older way: a hierarchy for each kind of limit.</summary>
internal sealed class ControlGroupsV1(string root, string owner) : IControlGroups
{
    private const long SharesOfOneCpu = 1024;
    private const long LeastShares = 2;
    private const long Period = 100_000;
    private const long LeastQuota = 1000;
    private static readonly string[] Hierarchies = ["cpu", "memory", "pids"];

    public IReadOnlyList<(string Type, string Directory, string Options)> Mounts { get; } =
        [.. Hierarchies.Select(hierarchy => ("cgroup", hierarchy, hierarchy))];

    public void Ensure(string name, ResourceRecord limits)
    {
        foreach (var hierarchy in Hierarchies)
        {
            Directory.CreateDirectory(PathOf(hierarchy, name));
        }

        var (cpu, memory, pids) = (PathOf("cpu", name), PathOf("memory", name), PathOf("pids", name));
        ControlGroupDirectory.Write(cpu, "cpu.shares", Math.Max(limits.MilliCpuRequest * SharesOfOneCpu / 1000, LeastShares));
        if (limits.MilliCpuLimit > 0)
        {
            ControlGroupDirectory.Write(cpu, "cpu.cfs_period_us", Period);
            ControlGroupDirectory.Write(cpu, "cpu.cfs_quota_us", Math.Max(limits.MilliCpuLimit * Period / 1000, LeastQuota));
        }

        if (limits.MemoryRequest > 0)
        {
            ControlGroupDirectory.Write(memory, "memory.soft_limit_in_bytes", limits.MemoryRequest);
        }

        if (limits.MemoryLimit > 0)
        {
            ControlGroupDirectory.Write(memory, "memory.limit_in_bytes", limits.MemoryLimit);
            if (File.Exists(Path.Combine(memory, "memory.memsw.limit_in_bytes")))
            {
                ControlGroupDirectory.Write(memory, "memory.memsw.limit_in_bytes", limits.MemoryLimit);
            }
        }

        if (limits.PidsLimit > 0)
        {
            ControlGroupDirectory.Write(pids, "pids.max", limits.PidsLimit);
        }
    }

    // Not cgroup.procs: to move all threads of a process the kernel waits until nobody forks, for ten milliseconds and more.
    public IReadOnlyList<string> EntriesOf(string name) => [.. Hierarchies.Select(hierarchy => Path.Combine(PathOf(hierarchy, name), "tasks"))];

    public bool RanOutOfMemory(string name) => ControlGroupDirectory.Read(PathOf("memory", name), "memory.oom_control", "oom_kill") > 0;

    public void Remove(string name)
    {
        foreach (var hierarchy in Hierarchies)
        {
            ControlGroupDirectory.Remove(PathOf(hierarchy, name));
        }
    }

    private string PathOf(string hierarchy, string name) => Path.Combine(root, hierarchy, owner, name);
}
