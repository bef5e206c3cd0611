using System.Globalization;
using Modular.Abstractions;

namespace Modular.Plugins.RuntimeNative.Tests;

/// <summary>A process that does not die when it is killed, as one that waits for a dead disk; here it is frozen.</summary>
public sealed class UnkillableProcessTests : IAsyncLifetime
{
    private const string Freezer = "/sys/fs/cgroup/freezer";
    private readonly IsolatedFixture _fixture = new();
    private readonly string _frozen = Path.Combine(Freezer, $"mod-test-{Guid.NewGuid():N}");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        Thaw();
        await _fixture.DisposeAsync();
    }

    [Fact]
    public async Task Holds_up_nobody_else()
    {
        Assert.SkipUnless(File.Exists(Path.Combine(Freezer, "cgroup.procs")), "only the older hierarchy keeps frozen processes from dying");
        await _fixture.Runtime.EnsureSandboxAsync(
            new SandboxSpec { Id = "pod", PodName = "pod", PodNamespace = "default", PodUid = "pod", HostPID = true }, Token);
        var other = await _fixture.StartAsync("echo ready; exec sleep 1000", sandbox: "other");
        var id = await _fixture.StartAsync("setsid sleep 1000 & echo $!; echo ready; exec sleep 1000");
        await _fixture.WaitForOutputAsync(id, "ready");
        var pid = (await File.ReadAllLinesAsync(_fixture.Supervised.LogPath(id), Token))[0].Split(' ')[3];
        var process = SupervisorFixture.Identity(int.Parse(pid, CultureInfo.InvariantCulture))!.Value;
        var supervisor = _fixture.Supervised.Supervisor;
        Directory.CreateDirectory(_frozen);
        await File.WriteAllTextAsync(Path.Combine(_frozen, "cgroup.procs"), pid, Token);
        await File.WriteAllTextAsync(Path.Combine(_frozen, "freezer.state"), "FROZEN", Token);

        await _fixture.Runtime.StopContainerAsync(id, TimeSpan.Zero, Token);
        Assert.Equal((ContainerPhase.Exited, 137), ((await _fixture.Supervised.FindAsync(id)).Phase, (await _fixture.Supervised.FindAsync(id)).ExitCode));
        Assert.Equal(ContainerPhase.Running, (await _fixture.Supervised.FindAsync(other)).Phase);
        Assert.Equal(supervisor, _fixture.Supervised.Supervisor);

        Thaw();
        await SupervisorFixture.WaitDeadAsync(process);
        await _fixture.Runtime.StopSandboxAsync("pod", Token);
        await _fixture.Runtime.RemoveSandboxAsync("pod", Token);
    }

    private void Thaw()
    {
        if (!Directory.Exists(_frozen))
        {
            return;
        }

        File.WriteAllText(Path.Combine(_frozen, "freezer.state"), "THAWED");
        var processes = Path.Combine(_frozen, "cgroup.procs");
        SupervisorFixture.UntilAsync(() => File.ReadAllText(processes).Length == 0).GetAwaiter().GetResult();
        Directory.Delete(_frozen);
    }
}
