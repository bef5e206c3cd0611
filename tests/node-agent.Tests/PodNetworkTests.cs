using Modular.Abstractions;

namespace Modular.Plugins.NodeAgent.Tests;

public sealed class PodNetworkTests : IAsyncLifetime
{
    private readonly AgentFixture _fixture = new("isolated");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_pod_has_its_address_from_the_network_and_gives_it_back()
    {
        var pod = _fixture.Bind("web", """
            {"initContainers":[{"name":"setup","image":"modular","restartPolicy":"Always","ports":[{"containerPort":53,"hostPort":5353,"protocol":"UDP"}]}],
             "containers":[{"name":"main","image":"modular","ports":[{"containerPort":80,"hostPort":8080,"hostIP":"127.0.0.1"},{"containerPort":81}]}]}
            """);
        await _fixture.UntilReadyAsync(pod);
        Assert.Equal("10.244.0.2", _fixture.Status(pod).PodIP);
        var spec = _fixture.PodNetwork.Attached["web"].Spec;
        Assert.Equal(("/run/netns/web", "default", "web"), (spec.NetworkNamespace, spec.PodNamespace, spec.PodName));
        Assert.Equal([new PodHostPort("UDP", "", 5353, 53), new PodHostPort("TCP", "127.0.0.1", 8080, 80)], spec.HostPorts);
        Assert.Equal(1, _fixture.PodNetwork.Asked);

        _fixture.Delete(pod, grace: 0);
        await _fixture.UntilAsync(() => _fixture.Api.Find(pod) is null);
        Assert.Empty(_fixture.PodNetwork.Attached);
    }

    [Fact]
    public async Task A_pod_on_the_nodes_network_is_not_connected()
    {
        var pod = _fixture.Bind("web", """{"hostNetwork":true,"containers":[{"name":"main","image":"modular"}]}""");
        await _fixture.UntilReadyAsync(pod);
        Assert.Equal("10.0.0.1", _fixture.Status(pod).PodIP);
        Assert.Equal(0, _fixture.PodNetwork.Asked);
    }

    [Fact]
    public async Task A_refusal_is_told_and_tried_again()
    {
        _fixture.PodNetwork.AttachFails = new PodNetworkException("HostPortInUse", "host port 80/TCP is taken: another pod has it");
        var pod = _fixture.Bind("web");
        await _fixture.UntilEventAsync("FailedCreatePodSandBox");
        Assert.Equal("Failed to create pod sandbox: host port 80/TCP is taken: another pod has it", _fixture.Events("FailedCreatePodSandBox").First().Message);
        await _fixture.UntilAsync(() => _fixture.Status(pod).Conditions.Any(condition => condition is { Type: "PodReadyToStartContainers", IsTrue: false }));
        Assert.Equal(0, _fixture.Runtime.Starts);

        _fixture.PodNetwork.AttachFails = null;
        await _fixture.AdvanceUntilAsync(() => _fixture.Status(pod) is { Phase: "Running", IsReady: true });
        Assert.Equal("10.244.0.2", _fixture.Status(pod).PodIP);
    }

    [Fact]
    public async Task A_pod_that_has_ended_gives_its_address_back()
    {
        var pod = _fixture.Bind("web", """{"restartPolicy":"Never","containers":[{"name":"main","image":"modular"}]}""");
        await _fixture.UntilReadyAsync(pod);
        _fixture.Runtime.End("web_main_0", 0);
        await _fixture.UntilAsync(() => _fixture.Status(pod).Phase == "Succeeded");
        await _fixture.UntilAsync(() => _fixture.PodNetwork.Attached.IsEmpty);
    }

    [Fact]
    public async Task The_next_agent_makes_sure_of_connections_and_disconnects_pods_deleted_meanwhile()
    {
        var (stays, goes) = (_fixture.Bind("stays"), _fixture.Bind("goes"));
        await _fixture.UntilReadyAsync(stays);
        await _fixture.UntilReadyAsync(goes);
        var address = _fixture.Status(stays).PodIP;
        await _fixture.KillAsync();
        await _fixture.Runtime.StopSandboxAsync("goes", Cancellation);
        await _fixture.Runtime.RemoveSandboxAsync("goes", Cancellation);
        _fixture.Api.Remove(goes);

        _fixture.Start();
        await _fixture.UntilAsync(() => _fixture.PodNetwork is { Asked: 3, Attached.Count: 1 });
        Assert.Equal(address, _fixture.PodNetwork.Attached["stays"].Address);
        Assert.Equal(address, _fixture.Status(stays).PodIP);
        Assert.Equal(2, _fixture.Runtime.Starts);
    }

    [Fact]
    public async Task A_sandbox_made_anew_is_connected_anew()
    {
        var pod = _fixture.Bind("web");
        await _fixture.UntilReadyAsync(pod);
        await _fixture.Runtime.StopSandboxAsync("web", Cancellation);
        await _fixture.UntilAsync(() => _fixture.Container(pod) is { RestartCount: 1, Ready: true });
        Assert.Equal(2, _fixture.PodNetwork.Asked);
        Assert.Equal("10.244.0.2", _fixture.Status(pod).PodIP);
    }
}
