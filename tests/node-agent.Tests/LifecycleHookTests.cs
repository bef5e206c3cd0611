using System.Collections.Concurrent;
using Modular.Abstractions;

namespace Modular.Plugins.NodeAgent.Tests;

public sealed class LifecycleHookTests : IAsyncLifetime
{
    private readonly AgentFixture _fixture = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_hook_after_the_start_holds_up_probes_and_the_containers_that_follow()
    {
        using var release = new ManualResetEventSlim();
        var asked = new ConcurrentQueue<string>();
        _fixture.Runtime.Exec = request =>
        {
            asked.Enqueue(request.Command[0]);
            if (request.Command[0] == "hook")
            {
                release.Wait(TestContext.Current.CancellationToken);
            }

            return (0, "");
        };
        var pod = _fixture.Bind("web", """
            {"containers":[
              {"name":"main","image":"modular","lifecycle":{"postStart":{"exec":{"command":["hook"]}}},"readinessProbe":{"exec":{"command":["ready"]}}},
              {"name":"next","image":"modular"}]}
            """);
        await _fixture.UntilAsync(() => asked.Contains("hook"));
        await _fixture.UntilAsync(() => _fixture.Container(pod) is { State.Running: not null, Ready: false });
        Assert.Null(_fixture.Runtime.Find("web_next_0"));
        Assert.DoesNotContain("ready", asked);
        release.Set();
        await _fixture.UntilReadyAsync(pod);
        Assert.Equal(["hook", "ready"], asked);
    }

    [Fact]
    public async Task A_container_whose_hook_after_the_start_fails_is_restarted()
    {
        var failures = 1;
        _fixture.Runtime.Exec = _ => Interlocked.Decrement(ref failures) >= 0 ? (7, "no way") : (0, "");
        var pod = _fixture.Bind("web", """
            {"terminationGracePeriodSeconds":5,"containers":[{"name":"main","image":"modular","lifecycle":{"postStart":{"exec":{"command":["hook"]}}}}]}
            """);
        await _fixture.UntilEventAsync("FailedPostStartHook");
        Assert.Contains("no way", _fixture.Events("FailedPostStartHook").Single().Message, StringComparison.Ordinal);
        await _fixture.UntilAsync(() => _fixture.Container(pod) is { RestartCount: 1, Ready: true });
        Assert.Equal(("web_main_0", TimeSpan.FromSeconds(5)), _fixture.Runtime.Stops[0]);
    }

    [Fact]
    public async Task A_hook_before_the_end_takes_its_time_from_the_grace()
    {
        var pod = _fixture.Bind("web", """{"containers":[{"name":"main","image":"modular","lifecycle":{"preStop":{"sleep":{"seconds":10}}}}]}""");
        await _fixture.UntilReadyAsync(pod);
        _fixture.Delete(pod, 30);
        await _fixture.UntilEventAsync("Killing");
        Assert.Empty(_fixture.Runtime.Stops);
        await _fixture.AdvanceUntilAsync(() => _fixture.Runtime.Stops.Count > 0);
        Assert.InRange(_fixture.Runtime.Stops[0].Grace, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_hook_that_takes_the_whole_grace_leaves_two_seconds()
    {
        var pod = _fixture.Bind("web", """{"containers":[{"name":"main","image":"modular","lifecycle":{"preStop":{"sleep":{"seconds":100}}}}]}""");
        await _fixture.UntilReadyAsync(pod);
        _fixture.Delete(pod, 5);
        await _fixture.AdvanceUntilAsync(() => _fixture.Runtime.Stops.Count > 0);
        Assert.Equal(TimeSpan.FromSeconds(2), _fixture.Runtime.Stops[0].Grace);
    }

    [Fact]
    public async Task A_probe_that_ends_a_container_runs_its_hook_before()
    {
        var asked = new ConcurrentQueue<string>();
        _fixture.Runtime.Exec = request =>
        {
            asked.Enqueue(request.Command[0]);
            return (request.Command[0] == "alive" ? 1 : 0, "");
        };
        var pod = _fixture.Bind("web", """
            {"containers":[{"name":"main","image":"modular","livenessProbe":{"exec":{"command":["alive"]},"periodSeconds":1,"failureThreshold":1},
              "lifecycle":{"preStop":{"exec":{"command":["bye"]}}}}]}
            """);
        await _fixture.AdvanceUntilAsync(() => _fixture.Container(pod) is { RestartCount: > 0 });
        Assert.Equal("bye", asked.SkipWhile(command => command == "alive").First());
    }

    [Fact]
    public async Task Sidecars_start_before_the_others_restart_beside_them_and_end_after_them()
    {
        var pod = _fixture.Bind("app", """
            {"restartPolicy":"Never","initContainers":[
              {"name":"one","image":"modular","restartPolicy":"Always"},{"name":"two","image":"modular","restartPolicy":"Always"}],
             "containers":[{"name":"main","image":"modular"}]}
            """);
        await _fixture.UntilReadyAsync(pod);
        _fixture.Runtime.End("app_one_0", 0);
        await _fixture.UntilAsync(() => _fixture.Runtime.Find("app_one_1") is { Phase: ContainerPhase.Running });
        _fixture.Delete(pod, 30);
        await _fixture.UntilAsync(() => _fixture.Runtime.SandboxCount == 0);
        Assert.Equal(["app_main_0", "app_two_0", "app_one_1"], _fixture.Runtime.Stops.Select(stop => stop.Id));
    }

    [Fact]
    public async Task Sidecars_end_once_the_others_have()
    {
        var pod = _fixture.Bind("job", """
            {"restartPolicy":"Never","initContainers":[{"name":"side","image":"modular","restartPolicy":"Always"}],
             "containers":[{"name":"main","image":"modular"}]}
            """);
        await _fixture.UntilReadyAsync(pod);
        _fixture.Runtime.End("job_main_0", 0);
        await _fixture.UntilAsync(() => _fixture.Status(pod).Phase == "Succeeded");
        await _fixture.UntilAsync(() => _fixture.Runtime.Find("job_side_0") is { Phase: ContainerPhase.Exited });
    }
}
