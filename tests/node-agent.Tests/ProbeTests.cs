using Modular.Abstractions;

namespace Modular.Plugins.NodeAgent.Tests;

public sealed class ProbeTests : IAsyncLifetime
{
    private readonly AgentFixture _fixture = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_container_is_ready_when_its_probe_says_so_and_not_when_it_does_not()
    {
        var ready = false;
        _fixture.Runtime.Exec = _ => ready ? (0, "") : (1, "not yet");
        var pod = _fixture.Bind("web", """
            {"containers":[{"name":"main","image":"modular","readinessProbe":{"exec":{"command":["check"]},"periodSeconds":5,"failureThreshold":2}}]}
            """);
        await _fixture.UntilEventAsync("Unhealthy");
        Assert.Contains("not yet", _fixture.Events("Unhealthy").First().Message, StringComparison.Ordinal);
        await _fixture.UntilAsync(() => _fixture.Container(pod) is { Ready: false });
        ready = true;
        await _fixture.AdvanceUntilAsync(() => _fixture.Status(pod).IsReady);
        ready = false;
        await _fixture.AdvanceUntilAsync(() => !_fixture.Status(pod).IsReady);
        Assert.Equal(0, _fixture.Container(pod)!.RestartCount);
    }

    [Fact]
    public async Task A_container_that_does_not_live_is_restarted()
    {
        var alive = true;
        _fixture.Runtime.Exec = _ => alive ? (0, "") : (1, "dead");
        var pod = _fixture.Bind("web", """
            {"terminationGracePeriodSeconds":7,"containers":[{"name":"main","image":"modular","livenessProbe":{"exec":{"command":["check"]},"periodSeconds":5}}]}
            """);
        await _fixture.UntilReadyAsync(pod);
        alive = false;
        await _fixture.AdvanceUntilAsync(() => _fixture.Container(pod) is { RestartCount: 1 });
        Assert.Equal(("web_main_0", TimeSpan.FromSeconds(7)), _fixture.Runtime.Stops[0]);
        Assert.Equal(143, _fixture.Container(pod)!.LastState.Terminated!.ExitCode);
        await _fixture.UntilEventAsync("Killing");
    }

    [Fact]
    public async Task A_runtime_that_is_away_says_nothing_of_a_container_and_is_asked_again_to_end_it()
    {
        var alive = true;
        _fixture.Runtime.Exec = _ =>
        {
            _fixture.Runtime.IsAway = !alive;
            return alive ? (0, "") : (1, "dead");
        };
        var pod = _fixture.Bind("web", """
            {"terminationGracePeriodSeconds":7,"containers":[{"name":"main","image":"modular",
              "livenessProbe":{"exec":{"command":["check"]},"periodSeconds":1,"failureThreshold":1}}]}
            """);
        await _fixture.UntilReadyAsync(pod);
        _fixture.Runtime.IsAway = true;
        await _fixture.AdvanceUntilAsync(() => _fixture.Runtime.Missed > 3);
        Assert.Empty(_fixture.Runtime.Stops);
        Assert.Equal(0, _fixture.Container(pod)!.RestartCount);
        alive = false;
        _fixture.Runtime.IsAway = false;
        await _fixture.AdvanceUntilAsync(() => _fixture.Runtime.Stops.Count > 2);
        Assert.Equal(0, _fixture.Container(pod)!.RestartCount);
        (alive, _fixture.Runtime.IsAway) = (true, false);
        await _fixture.AdvanceUntilAsync(() => _fixture.Container(pod) is { RestartCount: 1 });
    }

    [Fact]
    public async Task The_other_probes_wait_for_the_startup_probe()
    {
        var asked = new List<string>();
        var up = false;
        _fixture.Runtime.Exec = request =>
        {
            lock (asked)
            {
                asked.Add(request.Command[0]);
            }

            return request.Command[0] == "startup" && !up ? (1, "") : (0, "");
        };
        var pod = _fixture.Bind("web", """
            {"containers":[{"name":"main","image":"modular",
              "startupProbe":{"exec":{"command":["startup"]},"periodSeconds":1,"failureThreshold":30},
              "livenessProbe":{"exec":{"command":["liveness"]},"periodSeconds":1}}]}
            """);
        await _fixture.AdvanceUntilAsync(() => asked.Count > 3);
        Assert.DoesNotContain("liveness", asked);
        Assert.False(_fixture.Container(pod)!.Ready);
        up = true;
        await _fixture.AdvanceUntilAsync(() => _fixture.Status(pod).IsReady && asked.Contains("liveness"));
        Assert.Equal(0, _fixture.Container(pod)!.RestartCount);
    }
}
