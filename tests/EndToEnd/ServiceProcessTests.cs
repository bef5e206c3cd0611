using System.Diagnostics;

namespace Modular.EndToEnd;

/// <summary>Proxy, name server and pod network in processes of their own: moved there, exchanged, moved back under load, and killed.</summary>
public sealed class ServiceProcessTests
{
    private static readonly (string Role, string Plugin)[] Moved = [("network", "network-bridge"), ("service-proxy", "proxy-yarp"), ("dns", "dns")];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(ClusterModes.Both), MemberType = typeof(ClusterModes))]
    public async Task No_request_fails_while_they_move_there_and_back_and_roles_return_when_their_processes_are_killed(string mode)
    {
        await using var staying = new StayingServer();
        await using var cluster = await TestCluster.StartAsync(Token, "--mode", mode);
        var inventory = new MachineInventory(cluster.DataDirectory);
        var scene = new ServiceScene(cluster, Token);
        await scene.SetUpAsync(grace: 10, staying);
        await using (var loads = await ServiceLoads.StartAsync(scene, staying, Token))
        {
            await MoveAsync(cluster, "process");
            await loads.MoreAsync();
            await scene.ChangeEverythingAsync();
            await loads.MoreAsync();
            await MoveAsync(cluster, "in-process");
            await loads.MoreAsync();
            Assert.Empty(await loads.StopAsync());
        }

        await UntilAsync(() => Children(cluster).Count == 0);
        await MoveAsync(cluster, "process");
        for (var round = 1; round <= 2; round++)
        {
            Assert.Equal(Moved.Length, Children(cluster).Count);
            foreach (var (role, pid) in Children(cluster))
            {
                using var process = Process.GetProcessById(pid);
                process.Kill();
                await process.WaitForExitAsync(Token);
                await ReadyAsync(cluster, role, pid);
                (await cluster.RunAsync(Token, "get", "nodes")).MustSucceed();
            }

            await scene.ScaleAsync(2 + round);
            foreach (var load in (Load[])[Load.OnNewConnections(scene.RollWeb), Load.OnNewConnections(scene.RollRaw), ServiceLoads.OfNames(scene)])
            {
                await load.WaitForMoreAsync(10, Token);
                Assert.Empty(await load.StopAsync());
                await load.DisposeAsync();
            }
        }

        (await cluster.RunAsync(Token, "down")).MustSucceed();
        Assert.Empty(inventory.Find());
    }

    private static async Task MoveAsync(TestCluster cluster, string isolation)
    {
        foreach (var (role, plugin) in Moved)
        {
            (await cluster.RunAsync(Token, "plugins", "swap", role, plugin, "--isolation", isolation)).MustSucceed();
        }
    }

    /// <summary>The processes of the roles, those included that still carry what they had when they were replaced.</summary>
    private static List<(string Role, int Pid)> Children(TestCluster cluster) =>
    [
        .. from moved in Moved
           from pid in cluster.ChildrenOf(moved.Role)
           select (moved.Role, pid),
    ];

    private static Task ReadyAsync(TestCluster cluster, string role, int but) => UntilAsync(async () =>
        Children(cluster).Any(child => child.Role == role && child.Pid != but)
        && (await cluster.GetAsync(Token, "plugin", role))[0]["status"]!["conditions"]!.AsArray().Any(c => (string?)c!["type"] == "Ready" && (string?)c["status"] == "True"));

    private static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
        {
            await Task.Delay(20, Token);
        }
    }
}
