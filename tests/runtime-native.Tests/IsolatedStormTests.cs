using Modular.Abstractions;

namespace Modular.Plugins.RuntimeNative.Tests;

/// <summary>Hosts, supervisors and containers are killed in turn, as they come. What is left then is what the fixture looks for.</summary>
public sealed class IsolatedStormTests : IAsyncLifetime
{
    private const int Rounds = 24;
    private readonly IsolatedFixture _fixture = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Whoever_is_killed_nothing_stays_behind(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < Rounds; round++)
        {
            var pod = $"pod-{round % 3}";
            await _fixture.Runtime.EnsureSandboxAsync(
                new SandboxSpec { Id = pod, PodName = pod, PodNamespace = "default", PodUid = pod, ShareProcessNamespace = round % 3 == 0 }, Token);
            var id = await _fixture.StartAsync("setsid sleep 1000 & env -i setsid sleep 1000 & echo ready; wait", sandbox: pod);
            await _fixture.WaitForOutputAsync(id, "ready");
            var process = SupervisorFixture.Identity((await _fixture.Supervised.FindAsync(id)).Pid)!.Value;
            switch (random.Next(4))
            {
                case 0:
                    var supervisor = _fixture.Supervised.Supervisor;
                    SupervisorFixture.Signal(supervisor.Pid, "KILL");
                    await SupervisorFixture.WaitDeadAsync(supervisor);
                    await SupervisorFixture.WaitDeadAsync(process);
                    Assert.Equal("ContainerStatusUnknown", (await _fixture.Supervised.WaitExitAsync(id)).Reason);
                    break;
                case 1:
                    SupervisorFixture.Signal(process.Pid, "KILL");
                    Assert.Equal(137, (await _fixture.Supervised.WaitExitAsync(id)).ExitCode);
                    break;
                case 2:
                    await _fixture.Runtime.StopSandboxAsync(pod, Token);
                    await _fixture.Runtime.RemoveSandboxAsync(pod, Token);
                    break;
                default:
                    // It goes on for a while, and sees what happens to the others.
                    break;
            }
        }

        foreach (var sandbox in (await _fixture.Runtime.ListAsync(Token)).Sandboxes)
        {
            await _fixture.Runtime.StopSandboxAsync(sandbox.Id, Token);
            await _fixture.Runtime.RemoveSandboxAsync(sandbox.Id, Token);
        }

        Assert.Empty(Processes());
        Assert.Empty(Directory.GetDirectories(Path.Combine(_fixture.Supervised.Data, "layers")));
        Assert.Empty(Directory.GetDirectories(Path.Combine(_fixture.Supervised.State, "mounts", "namespaces")));
    }

    /// <summary>The processes, but for the supervisor's own, that have a mount of this fixture's as their root or below it.</summary>
    private string[] Processes() =>
    [
        .. Directory.GetDirectories("/proc").Where(process =>
        {
            try
            {
                return File.ReadAllText(process + "/comm").StartsWith("sleep", StringComparison.Ordinal)
                    && File.ReadAllText(process + "/mountinfo").Contains(_fixture.Supervised.Data, StringComparison.Ordinal);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        }),
    ];
}
