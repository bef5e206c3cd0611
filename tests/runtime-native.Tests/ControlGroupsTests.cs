extern alias supervisor;

using supervisor::Modular.RuntimeNative.Protocol;
using supervisor::Modular.RuntimeNative.Supervisor.Isolation;

namespace Modular.Plugins.RuntimeNative.Tests;

/// <summary>Limits as files, in a directory that plays the kernel's part: it makes a group's files where the kernel would.</summary>
public sealed class ControlGroupsTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("mod-groups-").FullName;

    private static readonly ResourceRecord Limits = new()
    {
        MilliCpuRequest = 500,
        MilliCpuLimit = 1500,
        MemoryRequest = 1 << 20,
        MemoryLimit = 64 << 20,
        PidsLimit = 100,
    };

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void One_hierarchy_gets_its_limits_and_every_level_its_controllers()
    {
        Make("", "cgroup.subtree_control");
        Make("owner", "cgroup.subtree_control");
        Make("owner/pod", "cgroup.subtree_control");
        Make("owner/pod/container", "cpu.weight", "cpu.max", "memory.low", "memory.max", "memory.swap.max", "pids.max");
        new ControlGroupsV2(_root, "owner").Ensure("pod/container", Limits);
        Assert.Equal(
            ["+cpu +memory +pids", "+cpu +memory +pids", "+cpu +memory +pids", "20", "150000 100000", "1048576", "67108864", "0", "100"],
            [
                Read("cgroup.subtree_control"), Read("owner/cgroup.subtree_control"), Read("owner/pod/cgroup.subtree_control"),
                .. new[] { "cpu.weight", "cpu.max", "memory.low", "memory.max", "memory.swap.max", "pids.max" }.Select(file => Read("owner/pod/container/" + file)),
            ]);
    }

    [Fact]
    public void Without_limits_none_is_written()
    {
        Make("", "cgroup.subtree_control");
        Make("owner", "cgroup.subtree_control");
        Make("owner/pod", "cpu.weight", "cpu.max", "memory.max", "pids.max");
        new ControlGroupsV2(_root, "owner").Ensure("pod", new ResourceRecord());
        Assert.Equal(["1", "", "", ""], new[] { "cpu.weight", "cpu.max", "memory.max", "pids.max" }.Select(file => Read("owner/pod/" + file)));
    }

    [Fact]
    public void Many_hierarchies_get_theirs_each()
    {
        Make("cpu/owner/pod", "cpu.shares", "cpu.cfs_period_us", "cpu.cfs_quota_us");
        Make("memory/owner/pod", "memory.soft_limit_in_bytes", "memory.limit_in_bytes", "memory.memsw.limit_in_bytes");
        Make("pids/owner/pod", "pids.max");
        new ControlGroupsV1(_root, "owner").Ensure("pod", Limits);
        Assert.Equal(
            ["512", "100000", "150000", "1048576", "67108864", "67108864", "100"],
            new[]
            {
                "cpu/owner/pod/cpu.shares", "cpu/owner/pod/cpu.cfs_period_us", "cpu/owner/pod/cpu.cfs_quota_us", "memory/owner/pod/memory.soft_limit_in_bytes",
                "memory/owner/pod/memory.limit_in_bytes", "memory/owner/pod/memory.memsw.limit_in_bytes", "pids/owner/pod/pids.max",
            }.Select(Read));
    }

    [Theory]
    [InlineData("low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\n", true)]
    [InlineData("low 0\nhigh 0\nmax 3\noom 1\noom_kill 0\noom_group_kill 0\n", false)]
    public void A_kill_for_want_of_memory_is_found_in_the_groups_events(string events, bool expected)
    {
        Make("owner/pod", "memory.events");
        File.WriteAllText(Path.Combine(_root, "owner/pod/memory.events"), events);
        Assert.Equal(expected, new ControlGroupsV2(_root, "owner").RanOutOfMemory("pod"));
    }

    [Fact]
    public void A_group_that_is_gone_has_killed_nobody() => Assert.False(new ControlGroupsV2(_root, "owner").RanOutOfMemory("gone"));

    private void Make(string directory, params string[] files)
    {
        var place = Directory.CreateDirectory(Path.Combine(_root, directory)).FullName;
        foreach (var file in files)
        {
            File.WriteAllText(Path.Combine(place, file), "");
        }
    }

    private string Read(string file) => File.ReadAllText(Path.Combine(_root, file));
}
