using Modular.Abstractions;

namespace Modular.Plugins.RuntimeNative.Tests;

public sealed class IsolationTests : IAsyncLifetime
{
    private readonly IsolatedFixture _fixture = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_container_is_the_first_process_of_a_namespace_of_its_own()
    {
        var (code, output) = await _fixture.RunAsync("echo $$; ls /proc | grep -c '^[0-9]'; exit 3");
        Assert.Equal((3, "1"), (code, output.Split('\n')[0]));
        Assert.InRange(int.Parse(output.Split('\n')[1], System.Globalization.CultureInfo.InvariantCulture), 1, 4);
    }

    [Fact]
    public async Task Containers_of_a_sandbox_share_network_ipc_and_host_name_and_nothing_else()
    {
        string[] kinds = ["net", "ipc", "uts", "pid", "mnt", "cgroup"];
        string[] host = [.. kinds.Select(kind => new FileInfo("/proc/self/ns/" + kind).LinkTarget!)];

        // All three run until all are asked: the kernel gives the number of a namespace that is gone to the next.
        var first = await NamespacesAsync("pod");
        var second = await NamespacesAsync("pod");
        var other = await NamespacesAsync("other");
        Assert.Equal(first[..3], second[..3]);
        Assert.Empty(first[3..].Intersect(second));
        Assert.Empty(first.Intersect(other));
        Assert.Empty(first.Intersect(host));
        Assert.Equal("pod", (await _fixture.RunAsync("hostname")).Output);
    }

    private async Task<string[]> NamespacesAsync(string sandbox)
    {
        var id = await _fixture.StartAsync("exec sleep 4242", sandbox: sandbox);
        var (_, output) = await _fixture.ExecAsync(
            id, "/bin/sh", "-c", "for kind in net ipc uts pid mnt cgroup; do readlink /proc/self/ns/$kind; done");
        return output.Split('\n');
    }

    [Fact]
    public async Task A_sandbox_that_runs_no_more_is_made_anew()
    {
        Assert.Equal("pod", (await _fixture.RunAsync("hostname")).Output);
        await _fixture.Runtime.StopSandboxAsync("pod", Token);
        Assert.False(Assert.Single((await _fixture.Runtime.ListAsync(Token)).Sandboxes).Running);
        Assert.Equal("pod", (await _fixture.RunAsync("hostname")).Output);
        Assert.True(Assert.Single((await _fixture.Runtime.ListAsync(Token)).Sandboxes).Running);
    }

    [Fact]
    public async Task Containers_that_share_processes_see_each_other()
    {
        await _fixture.Runtime.EnsureSandboxAsync(
            new SandboxSpec { Id = "shared", PodName = "shared", PodNamespace = "default", PodUid = "shared", ShareProcessNamespace = true }, Token);
        var first = await _fixture.StartAsync("exec sleep 4242", sandbox: "shared");
        var second = await _fixture.StartAsync("sleep 5; true", sandbox: "shared");
        var (_, output) = await _fixture.ExecAsync(second, "/bin/sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '");
        Assert.Contains("sleep 4242", output, StringComparison.Ordinal);
        await _fixture.Runtime.StopContainerAsync(first, TimeSpan.Zero, Token);
        Assert.Equal(ContainerPhase.Running, (await _fixture.Supervised.FindAsync(second)).Phase);
    }

    [Fact]
    public async Task What_a_container_writes_is_its_own_and_goes_with_it()
    {
        var id = await _fixture.StartAsync("echo mine > /etc/mine; mkdir /new; rm -rf /usr/share/doc; cat /etc/mine");
        await _fixture.Supervised.WaitExitAsync(id);
        Assert.False(File.Exists("/etc/mine"));
        Assert.True(Directory.Exists("/usr/share/doc"));
        Assert.Equal("none", (await _fixture.RunAsync("test -e /etc/mine && cat /etc/mine || echo none")).Output);
        Assert.NotEmpty(Directory.GetDirectories(Path.Combine(_fixture.Supervised.Data, "layers")));
        await _fixture.Runtime.StopSandboxAsync("pod", Token);
        await _fixture.Runtime.RemoveSandboxAsync("pod", Token);
        Assert.Empty(Directory.GetDirectories(Path.Combine(_fixture.Supervised.Data, "layers")));
    }

    [Fact]
    public async Task A_read_only_root_refuses_and_a_volume_takes_what_is_written()
    {
        var volume = Directory.CreateDirectory(Path.Combine(_fixture.Supervised.Root, "volume")).FullName;
        var (_, output) = await _fixture.RunAsync(
            "touch /x 2>&1; touch /fixed/x 2>&1; echo data > /data/deep/file; cat /data/deep/file",
            spec => spec with
            {
                Mounts = [new(volume, "/data/deep", ReadOnly: false), new(volume, "/fixed", ReadOnly: true)],
                Security = new ContainerSecurity { ReadOnlyRootFilesystem = true },
            });
        Assert.Equal(2, output.Split('\n').Count(line => line.Contains("Read-only file system", StringComparison.Ordinal)));
        Assert.EndsWith("data", output, StringComparison.Ordinal);
        Assert.Equal("data\n", await File.ReadAllTextAsync(Path.Combine(volume, "file"), Token));
    }

    [Fact]
    public async Task A_file_can_be_mounted_over_a_file()
    {
        var file = Path.Combine(_fixture.Supervised.Root, "hosts");
        await File.WriteAllTextAsync(file, "10.1.2.3 me\n", Token);
        var (_, output) = await _fixture.RunAsync("cat /etc/hosts /new/file", spec => spec with { Mounts = [new(file, "/etc/hosts", true), new(file, "/new/file", true)] });
        Assert.Equal("10.1.2.3 me\n10.1.2.3 me", output);
    }

    [Fact]
    public async Task A_volume_takes_the_place_of_devices_or_of_the_kernels_settings()
    {
        var volume = Directory.CreateDirectory(Path.Combine(_fixture.Supervised.Root, "volume")).FullName;
        var (_, output) = await _fixture.RunAsync(
            "echo data > /sys/file; ls /dev; grep -o ' /proc/sys proc ro' /proc/self/mounts", spec => spec with { Mounts = [new(volume, "/dev", false), new(volume, "/sys", false)] });
        Assert.Equal("file\n /proc/sys proc ro", output);
    }

    [Fact]
    public async Task Commands_run_in_the_containers_surroundings_with_its_rights()
    {
        var id = await _fixture.StartAsync("echo inside > /tmp/here; echo ready; exec sleep 1000");
        await _fixture.WaitForOutputAsync(id, "ready");
        var (code, output) = await _fixture.ExecAsync(id, "/bin/sh", "-c", "cat /tmp/here; hostname; tr '\\0' ' ' < /proc/1/cmdline; echo; grep -E '^(CapEff|Seccomp):' /proc/self/status; exit 5");
        var lines = output.Split('\n');
        Assert.Equal((5, "inside", "pod", "sleep 1000 "), (code, lines[0], lines[1], lines[2]));
        Assert.Equal("CapEff:\t00000000a00425fb", lines[3]);
        Assert.Equal("Seccomp:\t2", lines[4]);
        Assert.Equal(127, await NotFoundAsync(id));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1234)]
    public async Task A_terminal_has_a_name_where_it_is_used(long user)
    {
        var id = await _fixture.StartAsync("exec sleep 1000", spec => spec with { Security = new ContainerSecurity { RunAsUser = user } });
        Assert.Equal((0, "/dev/pts/0\r\nout"), await InTerminalAsync(id));
    }

    [Fact]
    public async Task A_container_that_hides_its_terminals_gets_one_of_the_machines()
    {
        var volume = Directory.CreateDirectory(Path.Combine(_fixture.Supervised.Root, "volume")).FullName;
        Directory.CreateDirectory(Path.Combine(volume, "pts"));
        // Would be opened outside if links led out.
        File.CreateSymbolicLink(Path.Combine(volume, "pts", "ptmx"), "/proc/self/fd/0");
        var id = await _fixture.StartAsync("exec sleep 1000", spec => spec with { Mounts = [new(volume, "/dev", false)] });
        Assert.Equal((1, "not a tty"), await InTerminalAsync(id));
    }

    [Fact]
    public async Task Users_groups_and_their_homes_are_the_wished_ones()
    {
        var (_, output) = await _fixture.RunAsync(
            "id -u; id -g; id -G; echo out > /dev/stdout; grep CapEff /proc/self/status; grep NoNewPrivs /proc/self/status",
            spec => spec with { Security = new ContainerSecurity { RunAsUser = 1234, RunAsGroup = 555, SupplementalGroups = [777], AllowPrivilegeEscalation = false } });
        Assert.Equal(["1234", "555", "555 777", "out", "CapEff:\t0000000000000000", "NoNewPrivs:\t1"], output.Split('\n'));
    }

    [Fact]
    public async Task Capabilities_are_added_and_dropped()
    {
        const string script = "grep CapEff /proc/self/status | cut -f2";
        async Task<ulong> Run(ContainerSecurity security) => Convert.ToUInt64((await _fixture.RunAsync(script, spec => spec with { Security = security })).Output, 16);
        Assert.Equal(0UL, await Run(new ContainerSecurity { DroppedCapabilities = ["ALL"] }));
        Assert.Equal(1UL << 10, await Run(new ContainerSecurity { DroppedCapabilities = ["ALL"], AddedCapabilities = ["NET_BIND_SERVICE"] }));
        Assert.Equal(0UL, await Run(ContainerSecurity.Default) & ((1UL << 21) | (1UL << 12) | (1UL << 19)));
        Assert.NotEqual(0UL, await Run(new ContainerSecurity { AddedCapabilities = ["SYS_PTRACE"] }) & (1UL << 19));
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_told_as_a_shell_would()
    {
        var spec = await _fixture.Supervised.SpecAsync() with { Command = ["no-such-program"] };
        await _fixture.Runtime.EnsureContainerAsync(spec, Token);
        var refused = await Assert.ThrowsAsync<RuntimeException>(async () => await _fixture.Runtime.StartContainerAsync(spec.Id, Token));
        Assert.Contains("no-such-program", refused.Message, StringComparison.Ordinal);
        Assert.Equal(127, (await _fixture.Supervised.FindAsync(spec.Id)).ExitCode);
    }

    [Fact]
    public async Task The_program_and_its_runtime_are_at_a_fixed_place()
    {
        var (_, output) = await _fixture.RunAsync("ls /opt/modular/bin/env && ls /opt/modular/dotnet/host && touch /opt/modular/bin/x 2>&1");
        Assert.Contains("fxr", output, StringComparison.Ordinal);
        Assert.Contains("Read-only file system", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Containers_die_with_their_supervisor_and_the_next_one_says_so()
    {
        var id = await _fixture.StartAsync("setsid sleep 1000 & echo ready; exec sleep 1000");
        await _fixture.WaitForOutputAsync(id, "ready");
        var process = SupervisorFixture.Identity((await _fixture.Supervised.FindAsync(id)).Pid)!.Value;
        var supervisor = _fixture.Supervised.Supervisor;
        SupervisorFixture.Signal(supervisor.Pid, "KILL");
        // Nobody else is there to kill it: it is the kernel that does.
        await SupervisorFixture.WaitDeadAsync(process);
        var ended = await _fixture.Supervised.WaitExitAsync(id, _fixture.Supervised.Connect());
        Assert.Equal((137, "ContainerStatusUnknown"), (ended.ExitCode, ended.Reason));
        Assert.Equal("again", (await _fixture.RunAsync("echo again")).Output);
    }

    [Fact]
    public async Task Who_uses_more_memory_than_the_limit_is_killed_and_the_reason_is_told()
    {
        var id = await _fixture.StartAsync(
            "exec dd if=/dev/zero of=/dev/shm/big bs=1M count=60", spec => spec with { Resources = new RuntimeResources { MemoryLimit = 32 << 20 } });
        var ended = await _fixture.Supervised.WaitExitAsync(id);
        Assert.Equal((137, "OOMKilled"), (ended.ExitCode, ended.Reason));
    }

    [Fact]
    public async Task Processes_beyond_the_limit_are_not_made()
    {
        var (_, output) = await _fixture.RunAsync(
            "for n in 1 2 3 4 5 6 7 8; do sleep 5 & done; wait", spec => spec with { Resources = new RuntimeResources { PidsLimit = 4 } });
        Assert.Contains("fork", output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Processes_beyond_the_limit_of_the_pod_are_not_made()
    {
        await _fixture.Runtime.EnsureSandboxAsync(
            new SandboxSpec { Id = "few", PodName = "few", PodNamespace = "default", PodUid = "few", Resources = new RuntimeResources { PidsLimit = 4 } },
            TestContext.Current.CancellationToken);
        var (_, output) = await _fixture.RunAsync("for n in 1 2 3 4 5 6 7 8; do sleep 5 & done; wait", sandbox: "few");
        Assert.Contains("fork", output, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Says the terminal's name and writes to it by that name.</summary>
    private async Task<(int Code, string Output)> InTerminalAsync(string id)
    {
        await using var session = await _fixture.Runtime.ExecAsync(
            new ExecRequest { ContainerId = id, Command = ["sh", "-c", "tty && echo out > $(tty)"], Tty = true }, Token);
        using var reader = new StreamReader(session.Output.AsStream());
        var output = await reader.ReadToEndAsync(Token);
        return (await session.Completion, output.TrimEnd());
    }

    private async Task<int> NotFoundAsync(string id)
    {
        var refused = await Assert.ThrowsAsync<RuntimeException>(async () => await _fixture.ExecAsync(id, "no-such-program"));
        return refused.Message.Contains("no-such-program", StringComparison.Ordinal) ? 127 : 0;
    }
}
