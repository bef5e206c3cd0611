using Modular.Abstractions;

namespace Modular.Plugins.RuntimeNative.Tests;

/// <summary>What root in an ordinary container tries, and does not get.</summary>
public sealed class HostileContainerTests : IAsyncLifetime
{
    private readonly IsolatedFixture _fixture = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [InlineData("cat /etc/shadow")]
    [InlineData("cat /etc/gshadow")]
    [InlineData("cat /etc/shadow-")]
    [InlineData("ls /root | grep .")]
    [InlineData("ls /home | grep .")]
    [InlineData("ls /run | grep .")]
    [InlineData("ls /tmp | grep .")]
    [InlineData("ls /etc/ssh /etc/ssl/private | grep -v :$ | grep .")]
    [InlineData("cat /proc/kcore")]
    [InlineData("ls /sys/firmware | grep .")]
    [InlineData("echo h > /proc/sysrq-trigger")]
    [InlineData("echo 1 > /proc/sys/kernel/panic")]
    [InlineData("echo x > /proc/sys/kernel/core_pattern")]
    [InlineData("echo 1 > /sys/kernel/profiling")]
    [InlineData("mkdir /sys/fs/cgroup/mine || mkdir /sys/fs/cgroup/memory/mine")]
    [InlineData("echo -1 > /sys/fs/cgroup/memory/memory.limit_in_bytes || echo max > /sys/fs/cgroup/memory.max")]
    [InlineData("mount -t tmpfs none /mnt")]
    [InlineData("mount -t proc none /mnt")]
    [InlineData("mount -o remount,rw /proc/sys")]
    [InlineData("umount /proc/sys")]
    [InlineData("umount -l /")]
    [InlineData("mknod /tmp/disk b 254 0")]
    [InlineData("mknod /dev/mem c 1 1")]
    [InlineData("unshare --mount true")]
    [InlineData("unshare --user true")]
    [InlineData("unshare --net true")]
    [InlineData("nsenter --target 1 --mount true")]
    [InlineData("hostname other")]
    [InlineData("ls /proc/1/root/root | grep .")]
    [InlineData("ls /dev | grep -E '^(vd|sd|nvme|mem|kmsg|kvm|fuse)'")]
    [InlineData("chroot /proc/1/root cat /etc/shadow")]
    [InlineData("dd if=/dev/zero of=/proc/1/mem bs=1 count=1 conv=notrunc; false")]
    [InlineData("kill -9 -1; false")]
    public async Task Is_refused(string attempt)
    {
        // The shell must be there to tell: it is in the way of no attempt.
        var (code, output) = await _fixture.RunAsync($"({attempt}) && echo succeeded; exit 0");
        Assert.Equal(0, code);
        Assert.DoesNotContain("succeeded", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Root_with_the_right_to_make_devices_makes_dead_ones()
    {
        var (_, output) = await _fixture.RunAsync(
            "mknod /tmp/null c 1 3 && echo made; cat /tmp/null && echo read; mknod /data/null c 1 3 && cat /data/null && echo read; true",
            spec => spec with
            {
                Security = new ContainerSecurity { AddedCapabilities = ["MKNOD"] },
                Mounts = [new(Directory.CreateDirectory(Path.Combine(_fixture.Supervised.Root, "volume")).FullName, "/data", ReadOnly: false)],
            });
        Assert.Contains("made", output, StringComparison.Ordinal);
        Assert.DoesNotContain("read", output.Replace("Permission denied", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_files_of_the_cluster_and_of_other_pods_are_not_seen()
    {
        var other = await _fixture.StartAsync("echo secret > /tmp/secret; echo ready; exec sleep 1000", sandbox: "other");
        await _fixture.WaitForOutputAsync(other, "ready");
        var pid = (await _fixture.Supervised.FindAsync(other)).Pid;
        var (_, output) = await _fixture.RunAsync(
            $"cat /tmp/secret; ls {_fixture.Supervised.Data}; ls {_fixture.Supervised.State}; ls /proc/{pid}/root; kill -9 {pid}; grep -c 'sleep' /proc/[0-9]*/comm; find / -xdev -name secret; true");
        Assert.DoesNotContain("secret\n", output + "\n", StringComparison.Ordinal);
        Assert.DoesNotContain("layers", output, StringComparison.Ordinal);
        Assert.Equal(ContainerPhase.Running, (await _fixture.Supervised.FindAsync(other)).Phase);
    }

    [Fact]
    public async Task A_link_in_a_volume_leads_nowhere_outside()
    {
        var volume = Directory.CreateDirectory(Path.Combine(_fixture.Supervised.Root, "volume")).FullName;
        var secret = Directory.CreateDirectory(Path.Combine(_fixture.Supervised.Root, "secret")).FullName;
        await File.WriteAllTextAsync(Path.Combine(secret, "key"), "secret", Token);
        await _fixture.RunAsync($"ln -s {secret} /data/out; ln -s / /data/root; true", spec => spec with { Mounts = [new(volume, "/data", false)] });

        // As a volume's part: the machine's paths are not followed through it.
        var spec = await _fixture.Supervised.SpecAsync() with
        {
            Command = ["/bin/sh", "-c", "cat /part/key"],
            Mounts = [new ContainerMount(Path.Combine(volume, "out"), "/part", false) { Beneath = volume }],
        };
        await _fixture.Runtime.EnsureContainerAsync(spec, Token);
        await Assert.ThrowsAsync<RuntimeException>(async () => await _fixture.Runtime.StartContainerAsync(spec.Id, Token));

        // As the place of a mount: the link leads to a place in the container's own root, where there is nothing.
        var empty = Directory.CreateDirectory(Path.Combine(_fixture.Supervised.Root, "empty")).FullName;
        await Assert.ThrowsAsync<RuntimeException>(
            async () => await _fixture.RunAsync("true", change => change with { Mounts = [new(volume, "/data", false), new(empty, "/data/out/place", false)] }));
        var (_, output) = await _fixture.RunAsync(
            "ls /data/root/place && echo mounted", change => change with { Mounts = [new(volume, "/data", false), new(empty, "/data/root/place", false)] });
        Assert.Equal("mounted", output);
        Assert.False(Path.Exists("/place"));
        Assert.Equal(["key"], Directory.GetFileSystemEntries(secret).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Nothing_of_the_supervisor_is_open_or_readable_in_a_container()
    {
        var id = await _fixture.StartAsync("ls -l /proc/self/fd | wc -l; echo ready; exec sleep 1000");
        await _fixture.WaitForOutputAsync(id, "ready");
        var files = (await _fixture.ExecAsync(id, "ls", "-l", "/proc/self/fd")).Output;
        Assert.Contains("pipe:", files, StringComparison.Ordinal);
        Assert.DoesNotContain("socket", files, StringComparison.Ordinal);
        Assert.DoesNotContain("anon_inode", files, StringComparison.Ordinal);
        var variables = (await _fixture.ExecAsync(id, "env")).Output.Split('\n').Select(line => line.Split('=')[0]);
        Assert.Equal(["DOTNET_ROOT", "HOME", "HOSTNAME", "MODULAR_CONTAINER_ID", "PATH"], variables.Order());
    }

    [Fact]
    public async Task A_privileged_container_is_what_it_says_and_leaves_nothing_behind()
    {
        var (code, output) = await _fixture.RunAsync(
            "mount -t tmpfs none /mnt && unshare --mount true && echo may", spec => spec with { Security = new ContainerSecurity { Privileged = true } });
        Assert.Equal((0, "may"), (code, output));
        Assert.DoesNotContain("none /mnt", await File.ReadAllTextAsync("/proc/self/mounts", Token), StringComparison.Ordinal);
    }
}
