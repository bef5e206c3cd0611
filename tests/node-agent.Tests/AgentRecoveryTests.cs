using Modular.Abstractions;

namespace Modular.Plugins.NodeAgent.Tests;

public sealed class AgentRecoveryTests : IAsyncLifetime
{
    private readonly AgentFixture _fixture = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_restarted_agent_goes_on_where_the_last_one_was()
    {
        var steady = _fixture.Bind("steady");
        var ending = _fixture.Bind("ending");
        await _fixture.UntilReadyAsync(steady);
        await _fixture.UntilReadyAsync(ending);
        await _fixture.KillAsync();
        _fixture.Runtime.End("ending_main_0", 5);

        _fixture.Start();
        await _fixture.UntilAsync(() => _fixture.Container(ending) is { RestartCount: 1, Ready: true });
        Assert.Equal(5, _fixture.Container(ending)!.LastState.Terminated!.ExitCode);
        Assert.Equal(3, _fixture.Runtime.Starts);
        Assert.Equal(0, _fixture.Container(steady)!.RestartCount);
    }

    [Fact]
    public async Task Pods_deleted_meanwhile_are_cleared_away()
    {
        var pod = _fixture.Bind("web");
        await _fixture.UntilReadyAsync(pod);
        await _fixture.KillAsync();
        _fixture.Api.Remove(pod);
        _fixture.Start();
        await _fixture.UntilAsync(() => _fixture.Runtime.SandboxCount == 0);
        await _fixture.UntilAsync(() => !Directory.Exists(Path.Combine(_fixture.Root, "pods", "web")));
    }

    [Fact]
    public async Task Another_nodes_sandbox_in_a_shared_runtime_is_left_alone()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var pod = _fixture.Bind("web");
        await _fixture.UntilReadyAsync(pod);
        await _fixture.KillAsync();
        _fixture.Api.Remove(pod);
        var own = _fixture.Runtime.Sandbox("web").Spec;
        var others = own with { Id = "other", PodUid = "other", Labels = new Dictionary<string, string>(own.Labels) { ["node.modular.dev/name"] = "node-b" } };
        await _fixture.Runtime.EnsureSandboxAsync(others, cancellation);
        _fixture.Start();

        // Directories are cleared last.
        await _fixture.UntilAsync(() => !Directory.Exists(Path.Combine(_fixture.Root, "pods", "web")));
        Assert.Equal(1, _fixture.Runtime.SandboxCount);
        Assert.True(_fixture.Runtime.Sandbox("other").Running);
    }

    [Fact]
    public async Task A_runtime_that_forgot_does_not_reset_the_restart_count()
    {
        var pod = _fixture.Bind("web");
        await _fixture.UntilReadyAsync(pod);
        _fixture.Runtime.End("web_main_0", 1);
        await _fixture.UntilAsync(() => _fixture.Container(pod) is { RestartCount: 1, Ready: true });
        await _fixture.KillAsync();
        await _fixture.Runtime.StopSandboxAsync("web", TestContext.Current.CancellationToken);
        await _fixture.Runtime.RemoveSandboxAsync("web", TestContext.Current.CancellationToken);
        _fixture.Start();
        await _fixture.UntilAsync(() => _fixture.Container(pod) is { RestartCount: 2, Ready: true });
    }
}
