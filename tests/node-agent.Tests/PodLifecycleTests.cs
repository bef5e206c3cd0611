using Modular.Abstractions;
using Modular.Models;

namespace Modular.Plugins.NodeAgent.Tests;

public sealed class PodLifecycleTests : IAsyncLifetime
{
    private readonly AgentFixture _fixture = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_bound_pod_runs_and_says_so()
    {
        var pod = _fixture.Bind("web", """
            {"containers":[
              {"name":"main","image":"modular","args":["--at","$(IP):80","$$(IP)","$(NOTHING)"],"env":[
                {"name":"IP","valueFrom":{"fieldRef":{"fieldPath":"status.podIP"}}},
                {"name":"LABEL","valueFrom":{"fieldRef":{"fieldPath":"metadata.labels['app']"}}}],
               "volumeMounts":[{"name":"data","mountPath":"/data"}],"ports":[{"containerPort":80}]},
              {"name":"side","image":"modular"}],
             "volumes":[{"name":"data","emptyDir":{}}]}
            """);
        await _fixture.UntilReadyAsync(pod);
        var status = _fixture.Status(pod);
        Assert.Equal("127.64.0.1", status.PodIP);
        Assert.Equal("10.0.0.1", status.HostIP);
        Assert.Equal(["ContainersReady", "Initialized", "PodReadyToStartContainers", "PodScheduled", "Ready"],
            status.Conditions.Where(condition => condition.IsTrue).Select(condition => condition.Type).Order());
        Assert.Equal(2, status.ContainerStatuses.Count);
        Assert.All(status.ContainerStatuses, container => Assert.Equal((0, true, true), (container.RestartCount, container.Ready, container.Started)));
        Assert.Equal("fake://web_main_0", status.ContainerStatuses[0].ContainerID);
        var spec = _fixture.Runtime.Specs["web_main_0"];
        Assert.Equal(["--at", "127.64.0.1:80", "$(IP)", "$(NOTHING)"], spec.Args);
        Assert.Contains(new KeyValuePair<string, string>("LABEL", "web"), spec.Environment);
        Assert.True(Directory.Exists(Assert.Single(spec.Mounts, mount => mount.Name == "data").HostPath));
        Assert.Equal(80, Assert.Single(spec.Ports).Port);
        foreach (var reason in new[] { "Pulled", "Created", "Started" })
        {
            await _fixture.UntilAsync(() => _fixture.Events(reason).Count() == 2);
        }
    }

    [Fact]
    public async Task The_first_restart_is_at_once_the_next_ones_wait_longer_and_longer()
    {
        var pod = _fixture.Bind("web");
        await _fixture.UntilReadyAsync(pod);
        _fixture.Runtime.End("web_main_0", 3);
        await _fixture.UntilAsync(() => _fixture.Container(pod) is { RestartCount: 1, Ready: true });
        Assert.Equal(3, _fixture.Container(pod)!.LastState.Terminated!.ExitCode);

        foreach (var (attempt, seconds) in new[] { (1, 10), (2, 20), (3, 40) })
        {
            _fixture.Runtime.End($"web_main_{attempt}", 1);
            await _fixture.UntilAsync(() => _fixture.Container(pod)!.State.Waiting is { Reason: "CrashLoopBackOff" });
            Assert.Contains($"back-off {seconds}s", _fixture.Container(pod)!.State.Waiting!.Message, StringComparison.Ordinal);
            Assert.Equal(attempt, _fixture.Container(pod)!.RestartCount);
            _fixture.Time.Advance(TimeSpan.FromSeconds(seconds - 1));
            Assert.Null(_fixture.Runtime.Find($"web_main_{attempt + 1}"));
            await _fixture.AdvanceUntilAsync(() => _fixture.Container(pod) is { State.Running: not null } status && status.RestartCount == attempt + 1);
        }

        await _fixture.UntilEventAsync("BackOff");
        _fixture.Time.Advance(TimeSpan.FromMinutes(10));
        _fixture.Runtime.End("web_main_4", 1);
        await _fixture.UntilAsync(() => _fixture.Container(pod) is { RestartCount: 5, Ready: true });
    }

    [Theory]
    [InlineData("Never", 0, "Succeeded")]
    [InlineData("Never", 2, "Failed")]
    [InlineData("OnFailure", 0, "Succeeded")]
    public async Task Pods_that_are_not_restarted_end(string policy, int code, string phase)
    {
        var pod = _fixture.Bind("job", $$"""{"restartPolicy":"{{policy}}","containers":[{"name":"main","image":"modular"}]}""");
        await _fixture.UntilReadyAsync(pod);
        _fixture.Runtime.End("job_main_0", code);
        await _fixture.UntilAsync(() => _fixture.Status(pod).Phase == phase);
        Assert.Equal(code, _fixture.Container(pod)!.State.Terminated!.ExitCode);
        Assert.False(_fixture.Status(pod).IsReady);
        Assert.Equal(1, _fixture.Runtime.Starts);
    }

    [Fact]
    public async Task Failures_are_restarted_on_failure()
    {
        var pod = _fixture.Bind("job", """{"restartPolicy":"OnFailure","containers":[{"name":"main","image":"modular"}]}""");
        await _fixture.UntilReadyAsync(pod);
        _fixture.Runtime.End("job_main_0", 1);
        await _fixture.UntilAsync(() => _fixture.Container(pod) is { RestartCount: 1, Ready: true });
        _fixture.Runtime.End("job_main_1", 0);
        await _fixture.UntilAsync(() => _fixture.Status(pod).Phase == "Succeeded");
    }

    [Fact]
    public async Task Init_containers_run_one_after_the_other_before_the_others()
    {
        var pod = _fixture.Bind("app", """
            {"initContainers":[{"name":"one","image":"modular"},{"name":"two","image":"modular"}],"containers":[{"name":"main","image":"modular"}]}
            """);
        await _fixture.UntilAsync(() => _fixture.Runtime.Find("app_one_0") is { Phase: ContainerPhase.Running });
        await _fixture.UntilAsync(() => _fixture.Container(pod)?.State.Waiting?.Reason == "PodInitializing");
        Assert.Null(_fixture.Runtime.Find("app_two_0"));
        _fixture.Runtime.End("app_one_0", 0);
        await _fixture.UntilAsync(() => _fixture.Runtime.Find("app_two_0") is { Phase: ContainerPhase.Running });
        Assert.Null(_fixture.Runtime.Find("app_main_0"));
        _fixture.Runtime.End("app_two_0", 1);
        await _fixture.UntilAsync(() => _fixture.Runtime.Find("app_two_1") is { Phase: ContainerPhase.Running });
        _fixture.Runtime.End("app_two_1", 0);
        await _fixture.UntilReadyAsync(pod);
    }

    [Fact]
    public async Task A_deleted_pod_is_asked_then_killed_and_cleaned_up()
    {
        var pod = _fixture.Bind("web");
        await _fixture.UntilReadyAsync(pod);
        _fixture.Runtime.Deaf.Add("web_main_0");
        _fixture.Delete(pod, 30);
        await _fixture.UntilAsync(() => _fixture.Runtime.Stops.Count == 1);
        Assert.NotNull(_fixture.Api.Find(pod));
        await _fixture.AdvanceUntilAsync(() => _fixture.Api.Find(pod) is null);
        var deletion = Assert.Single(_fixture.Api.Deletions);
        Assert.Equal((0L, "web"), (deletion.Options.GracePeriodSeconds!.Value, deletion.Options.Uid));
        var last = _fixture.Api.StatusPatches.Last()["status"]!;
        Assert.Equal(137, last["containerStatuses"]![0]!["state"]!["terminated"]!["exitCode"]!.GetValue<int>());
        await _fixture.UntilAsync(() => _fixture.Runtime.SandboxCount == 0);
        Assert.False(Directory.Exists(Path.Combine(_fixture.Root, "pods", "web")));
    }

    [Fact]
    public async Task The_grace_is_whole_although_its_end_is_written_in_whole_seconds()
    {
        var pod = _fixture.Bind("web");
        await _fixture.UntilReadyAsync(pod);
        _fixture.Time.Advance(TimeSpan.FromMilliseconds(900));
        _fixture.Delete(pod, 1);
        await _fixture.UntilAsync(() => _fixture.Runtime.Stops.Count == 1);
        Assert.Equal(TimeSpan.FromSeconds(1), _fixture.Runtime.Stops[0].Grace);
    }

    [Fact]
    public async Task Force_does_not_wait_for_the_grace()
    {
        var pod = _fixture.Bind("web");
        await _fixture.UntilReadyAsync(pod);
        _fixture.Runtime.Deaf.Add("web_main_0");
        _fixture.Delete(pod, 3000);
        await _fixture.UntilAsync(() => _fixture.Runtime.Stops.Count == 1);
        _fixture.Api.Remove(pod);
        await _fixture.UntilAsync(() => _fixture.Runtime.SandboxCount == 0);
    }

    [Fact]
    public async Task What_can_not_be_started_says_why_and_is_tried_again()
    {
        var pod = _fixture.Bind("web", """{"containers":[{"name":"main","image":"missing"}]}""");
        await _fixture.UntilAsync(() => _fixture.Container(pod)?.State.Waiting?.Reason == "ErrImagePull");
        await _fixture.UntilEventAsync("Failed");
        await _fixture.AdvanceUntilAsync(() => _fixture.Container(pod)?.State.Waiting?.Reason == "ImagePullBackOff");
        Assert.Equal("Pending", _fixture.Status(pod).Phase);

        _fixture.Runtime.StartFails = new RuntimeException("AddressConflict", "the port is taken");
        var conflict = _fixture.Bind("conflict");
        await _fixture.UntilEventAsync("AddressConflict");
        await _fixture.UntilAsync(() => _fixture.Container(conflict)?.State.Waiting?.Reason == "AddressConflict");
        _fixture.Runtime.StartFails = null;
        await _fixture.AdvanceUntilAsync(() => _fixture.Status(conflict) is { Phase: "Running", IsReady: true });
        Assert.Equal(0, _fixture.Container(conflict)!.RestartCount);
    }

    [Fact]
    public async Task Volumes_that_are_not_there_hold_the_pod_back()
    {
        var path = Path.Combine(_fixture.Root, "host");
        var pod = _fixture.Bind("web", """
            {"containers":[{"name":"main","image":"modular"}],"volumes":[{"name":"host","hostPath":{"path":"PATH","type":"Directory"}}]}
            """.Replace("PATH", path, StringComparison.Ordinal));
        await _fixture.UntilEventAsync("FailedMount");
        Assert.Equal(0, _fixture.Runtime.Starts);
        Directory.CreateDirectory(path);
        await _fixture.AdvanceUntilAsync(() => _fixture.Status(pod) is { Phase: "Running", IsReady: true });
    }

    [Fact]
    public async Task A_pod_may_only_be_active_for_so_long()
    {
        var pod = _fixture.Bind("job", """{"activeDeadlineSeconds":60,"containers":[{"name":"main","image":"modular"}]}""");
        await _fixture.UntilReadyAsync(pod);
        await _fixture.AdvanceUntilAsync(() => _fixture.Status(pod) is { Phase: "Failed", Reason: "DeadlineExceeded" });
        Assert.Equal(143, _fixture.Runtime.Find("job_main_0")!.ExitCode);
    }
}
