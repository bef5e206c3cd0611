using System.Diagnostics;

namespace Modular.EndToEnd;

/// <summary>Services under load while everything around them changes: no request fails, and what stays connected is not cut.</summary>
public sealed class ServiceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(ClusterModes.Both), MemberType = typeof(ClusterModes))]
    public async Task No_request_fails_while_pods_roll_and_the_proxy_and_the_name_server_are_exchanged(string mode)
    {
        using var installation = new Installation();
        installation.AddBuild("proxy-yarp", "0.9.9");
        installation.AddBuild("dns", "0.9.9");
        await using var staying = new StayingServer();
        await using var cluster = await TestCluster.StartAsync(installation.Modular, Token, "--mode", mode);
        // The newest build is taken at the start.
        foreach (var (role, plugin) in ((string, string)[])[("service-proxy", "proxy-yarp"), ("dns", "dns")])
        {
            (await cluster.RunAsync(Token, "plugins", "swap", role, plugin, "--version", "0.1.0")).MustSucceed();
        }

        var scene = new ServiceScene(cluster, Token);
        await scene.SetUpAsync(grace: 10, staying);
        await using var loads = await ServiceLoads.StartAsync(scene, staying, Token);
        await scene.ChangeEverythingAsync();
        await loads.MoreAsync();
        Assert.Empty(await loads.StopAsync());
        Assert.All(
            (await cluster.GetAsync(Token, "plugin", "service-proxy", "dns")).Select(plugin => plugin["status"]!["version"]!.GetValue<string>()),
            version => Assert.Equal("0.9.9", version));
    }

    [Theory]
    [MemberData(nameof(ClusterModes.Both), MemberType = typeof(ClusterModes))]
    public async Task A_pod_that_goes_serves_its_connections_to_their_end_and_then_goes(string mode)
    {
        await using var staying = new StayingServer();
        await using var cluster = await TestCluster.StartAsync(Token, "--mode", mode);
        var scene = new ServiceScene(cluster, Token);
        await scene.SetUpAsync(grace: 600, staying);
        var connection = await HttpConversation.OpenAsync(scene.RollRaw, Token);
        var pod = (await connection.AskAsync(Token)).Split(' ')[0];

        (await cluster.RunAsync(Token, "delete", "pod", pod, "--wait=false")).MustSucceed();
        await cluster.WaitAsync("rc/roll", "jsonpath={.status.readyReplicas}=3", Token);
        // The count may be the one of before; once the proxy knows, nothing new goes there.
        while ((await AskAnewAsync(scene)).Contains(pod, StringComparison.Ordinal))
        {
        }

        for (var i = 0; i < 9; i++)
        {
            Assert.DoesNotContain(pod, await AskAnewAsync(scene), StringComparison.Ordinal);
        }

        Assert.StartsWith(pod, await connection.AskAsync(Token), StringComparison.Ordinal);
        connection.Dispose();
        (await cluster.RunAsync(Token, "wait", $"pod/{pod}", "--for=delete", "--timeout=3m")).MustSucceed();
    }

    [Theory]
    [MemberData(nameof(ClusterModes.Both), MemberType = typeof(ClusterModes))]
    public async Task A_node_in_a_process_of_its_own_goes_on_while_the_API_server_is_away(string mode)
    {
        await using var staying = new StayingServer();
        await using var cluster = await TestCluster.StartAsync(
            Token, "--mode", mode, "--distribution", Path.Combine(Repository.Root, "distributions", "split.yaml"));
        var inventory = new MachineInventory(cluster.DataDirectory);
        var scene = new ServiceScene(cluster, Token);
        await scene.SetUpAsync(grace: 10, staying);
        await using var loads = await ServiceLoads.StartAsync(scene, staying, Token);

        Process.GetProcessById(cluster.HostPid).Kill();
        await loads.MoreAsync();
        (await cluster.UpAsync(Token)).MustSucceed();
        (await cluster.RunAsync(Token, "down", "--api-only")).MustSucceed();
        await loads.MoreAsync();
        (await cluster.UpAsync(Token)).MustSucceed();
        await loads.MoreAsync();

        // The new API server finds the node where it is: its streams, its plugins, its pods.
        await scene.ScaleAsync(5);
        var pod = (await scene.PodsAsync())[0];
        while (!(await cluster.RunAsync(Token, "logs", pod)).MustSucceed().Output.Contains("serving", StringComparison.Ordinal))
        {
            await Task.Delay(50, Token);
        }

        Assert.Equal("in\n", (await cluster.RunAsync("in\n", Token, "exec", "-i", pod, "--", "cat")).MustSucceed().Output);
        await scene.SwapAsync("service-proxy", "proxy-yarp");
        await loads.MoreAsync();
        await scene.ScaleAsync(2);
        Assert.Empty(await loads.StopAsync());

        // The node's process is started again, and finds its containers.
        Process.GetProcessById(cluster.PidOf("hosts/node")).Kill();
        await scene.ScaleAsync(3);
        Assert.All(
            (await cluster.GetAsync(Token, "pods")).SelectMany(found => found["status"]!["containerStatuses"]!.AsArray()),
            status => Assert.Equal(0, status!["restartCount"]!.GetValue<int>()));
        (await cluster.RunAsync(Token, "down")).MustSucceed();
        Assert.Empty(inventory.Find());
    }

    private static async Task<string> AskAnewAsync(ServiceScene scene)
    {
        using var connection = await HttpConversation.OpenAsync(scene.RollRaw, Token);
        return await connection.AskAsync(Token);
    }
}
