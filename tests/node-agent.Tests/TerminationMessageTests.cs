namespace Modular.Plugins.NodeAgent.Tests;

public sealed class TerminationMessageTests : IAsyncLifetime
{
    private readonly AgentFixture _fixture = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task What_a_container_wrote_is_in_its_status_and_stays_there_after_a_restart()
    {
        var pod = _fixture.Bind("web", """{"containers":[{"name":"main","image":"modular","terminationMessagePath":"/dev/why"}]}""");
        await _fixture.UntilReadyAsync(pod);
        var mount = Assert.Single(_fixture.Runtime.Specs["web_main_0"].Mounts);
        Assert.Equal(("/dev/why", false), (mount.ContainerPath, mount.ReadOnly));
        Assert.Equal(Convert.ToInt32("666", 8), (int)File.GetUnixFileMode(mount.HostPath));
        await File.WriteAllTextAsync(mount.HostPath, "it was time", TestContext.Current.CancellationToken);
        _fixture.Runtime.End("web_main_0", 0);
        await _fixture.UntilAsync(() => _fixture.Container(pod) is { RestartCount: 1, Ready: true });
        Assert.Equal("it was time", _fixture.Container(pod)!.LastState.Terminated!.Message);
    }

    [Fact]
    public async Task A_message_is_no_longer_than_four_kilobytes()
    {
        var pod = await StartAsync("File");
        await File.WriteAllTextAsync(_fixture.Runtime.Specs["job_main_0"].Mounts[0].HostPath, new string('x', 5000), TestContext.Current.CancellationToken);
        _fixture.Runtime.End("job_main_0", 1);
        await _fixture.UntilAsync(() => _fixture.Status(pod).Phase == "Failed");
        Assert.Equal(new string('x', 4096), _fixture.Container(pod)!.State.Terminated!.Message);
    }

    [Theory]
    [InlineData("FallbackToLogsOnError", 1, "", "log")]
    [InlineData("FallbackToLogsOnError", 1, "mine", "mine")]
    [InlineData("FallbackToLogsOnError", 0, "", "")]
    [InlineData("File", 1, "", "")]
    public async Task The_end_of_the_log_stands_in_for_a_failure_without_a_message(string policy, int code, string written, string message)
    {
        var pod = await StartAsync(policy);
        var spec = _fixture.Runtime.Specs["job_main_0"];
        await File.WriteAllLinesAsync(
            spec.LogPath, Enumerable.Range(1, 100).Select(i => $"2030-01-01T00:00:00.0Z stdout F {i}"), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(spec.Mounts[0].HostPath, written, TestContext.Current.CancellationToken);
        _fixture.Runtime.End("job_main_0", code);
        await _fixture.UntilAsync(() => _fixture.Status(pod).Phase is "Failed" or "Succeeded");
        Assert.Equal(message == "log" ? string.Concat(Enumerable.Range(21, 80).Select(i => $"{i}\n")) : message, _fixture.Container(pod)!.State.Terminated!.Message);
    }

    private async Task<Abstractions.ResourceName> StartAsync(string policy)
    {
        var pod = _fixture.Bind("job", $$"""
            {"restartPolicy":"Never","containers":[{"name":"main","image":"modular","terminationMessagePolicy":"{{policy}}"}]}
            """);
        await _fixture.UntilReadyAsync(pod);
        return pod;
    }
}
