namespace Modular.Plugins.NodeAgent.Tests;

public sealed class DrainTests : IAsyncLifetime
{
    private readonly AgentFixture _fixture = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Containers_are_told_to_end_when_services_carry_nothing_there_any_more()
    {
        var pod = _fixture.Bind("web");
        await _fixture.UntilReadyAsync(pod);
        var address = _fixture.Status(pod).PodIP;
        _fixture.Proxy.Use(address, true);
        _fixture.Delete(pod, 30);
        await _fixture.AdvanceUntilAsync(() => _fixture.Proxy.Drained.GetValueOrDefault(address) > 2);
        Assert.Empty(_fixture.Runtime.Stops);
        _fixture.Proxy.Use(address, false);
        await _fixture.AdvanceUntilAsync(() => _fixture.Runtime.Stops.Count > 0);
    }

    [Theory]
    [InlineData(30, 2)]
    [InlineData(1, 0.5)]
    public async Task Connections_that_do_not_end_leave_the_last_of_the_grace(int grace, double least)
    {
        var pod = _fixture.Bind("web");
        await _fixture.UntilReadyAsync(pod);
        _fixture.Proxy.Use(_fixture.Status(pod).PodIP, true);
        _fixture.Delete(pod, grace);
        await _fixture.UntilEventAsync("Killing");
        Assert.Empty(_fixture.Runtime.Stops);
        // Up to the end of the patience at once, then in steps so small that little of the rest passes before it is seen.
        _fixture.Time.Advance(TimeSpan.FromSeconds(grace - least));
        await _fixture.AdvanceUntilAsync(() => _fixture.Runtime.Stops.Count > 0, TimeSpan.FromMilliseconds(1));
        Assert.InRange(_fixture.Runtime.Stops[0].Grace, TimeSpan.FromSeconds(least / 2), TimeSpan.FromSeconds(least));
    }

    [Fact]
    public async Task A_pod_deleted_without_grace_waits_for_nothing()
    {
        var pod = _fixture.Bind("web");
        await _fixture.UntilReadyAsync(pod);
        _fixture.Proxy.Use(_fixture.Status(pod).PodIP, true);
        _fixture.Delete(pod, 0);
        await _fixture.UntilAsync(() => _fixture.Api.Find(pod) is null);
        Assert.Empty(_fixture.Proxy.Drained);
    }

    [Fact]
    public async Task Patience_that_runs_out_meanwhile_ends_the_waiting()
    {
        var pod = _fixture.Bind("web");
        await _fixture.UntilReadyAsync(pod);
        var address = _fixture.Status(pod).PodIP;
        _fixture.Proxy.Use(address, true);
        _fixture.Delete(pod, 30);
        await _fixture.UntilAsync(() => _fixture.Proxy.Drained.ContainsKey(address));
        _fixture.Delete(pod, 0);
        await _fixture.UntilAsync(() => _fixture.Api.Find(pod) is null);
    }
}
