using System.Net;
using System.Net.Http;
using System.Net.Sockets;

namespace Modular.EndToEnd;

/// <summary>Roles that have processes of their own from the start, and lose them.</summary>
public sealed class IsolatedRolesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Clients_are_known_again_after_the_process_that_knows_them_was_killed_and_never_taken_for_others()
    {
        await using var isolated = await IsolatedCluster.StartAsync("auth-certificate");
        (await isolated.Cluster.KubectlAsync(Token, "get", "nodes")).MustSucceed();
        using var client = ClusterHttp.Create(isolated.Cluster.Kubeconfig, isolated.Cluster.Port);
        for (var round = 0; round < 2; round++)
        {
            await isolated.KillAsync("auth-certificate");
            var answers = new HashSet<HttpStatusCode>();
            while (!answers.Contains(HttpStatusCode.OK))
            {
                using var answer = await client.GetAsync(new Uri("/api/v1/nodes", UriKind.Relative), Token);
                answers.Add(answer.StatusCode);
                if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
                {
                    Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter!.Delta);
                    Assert.Contains("authenticator auth-certificate failed", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
                }
            }

            Assert.DoesNotContain(answers, answer => answer is not (HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable));
        }

        await isolated.ReadyAsync("auth-certificate");
        (await isolated.Cluster.KubectlAsync(Token, "get", "nodes")).MustSucceed();
    }

    [Fact]
    public async Task New_pods_are_made_and_found_by_their_service_after_each_process_on_the_way_was_killed_or_exchanged()
    {
        await using var staying = new StayingServer();
        string[] roles = ["controllers", "scheduling", "service-routing", "service-proxy"];
        await using var isolated = await IsolatedCluster.StartAsync(roles);
        var scene = new ServiceScene(isolated.Cluster, Token);
        await scene.SetUpAsync(grace: 0, staying);
        await AnswersAsync(scene.RollWeb);
        foreach (var role in roles)
        {
            await isolated.KillAsync(role);
            await ReplacePodsAsync(isolated.Cluster, scene);
            await isolated.ReadyAsync(role);
        }

        // The driver is in a process, and so is the one that it tries; the live scheduler is in the host's.
        (await isolated.Cluster.RunAsync(Token, "plugins", "try", "scheduler", "scheduler-spread", "--isolation", "process")).MustSucceed();
        await scene.SwapAsync("service-proxy", "proxy-yarp");
        await scene.SwapAsync("controllers", "controllers");
        await ReplacePodsAsync(isolated.Cluster, scene);
        while (!(await isolated.Cluster.RunAsync(Token, "plugins", "report", "scheduler-candidate")).Output.Contains("the same node for 100 % of", StringComparison.Ordinal))
        {
            await Task.Delay(20, Token);
        }
    }

    [Fact]
    public async Task Pods_go_on_and_can_be_reached_after_the_process_of_their_node_was_killed_or_exchanged()
    {
        await using var isolated = await IsolatedCluster.StartAsync("node-agent", "runtime");
        var cluster = isolated.Cluster;
        (await cluster.ApplyAsync("""
            apiVersion: v1
            kind: Pod
            metadata: {name: main}
            spec:
              terminationGracePeriodSeconds: 0
              containers: [{name: main, image: host, command: [sh, -c, "echo started; exec sleep 600"]}]
            """, Token)).MustSucceed();
        await cluster.WaitAsync("pod/main", "condition=Ready", Token);
        await ReachAsync(cluster);
        foreach (var role in (string[])["node-agent", "runtime"])
        {
            await isolated.KillAsync(role);
            (await cluster.RunAsync(Token, "get", "nodes")).MustSucceed();
            await isolated.ReadyAsync(role);
            await ReachAsync(cluster);
        }

        (await cluster.RunAsync(Token, "plugins", "swap", "node-agent", "node-agent")).MustSucceed();
        await ReachAsync(cluster);
        (await cluster.RunAsync(Token, "delete", "pod", "main")).MustSucceed();
        (await cluster.RunAsync(Token, "wait", "pod/main", "--for=delete", "--timeout=3m")).MustSucceed();
    }

    /// <summary>The pod is in its first run, and its log and commands in it are had through the API server.</summary>
    private static async Task ReachAsync(TestCluster cluster)
    {
        // That a role is ready may have been said before its process was killed; a container is ready before it has said anything.
        await AnsweredAsync("started\n", () => cluster.RunAsync(Token, "logs", "main"));
        await AnsweredAsync("in\n", () => cluster.RunAsync("in\n", Token, "exec", "-i", "main", "--", "cat"));
        var status = (await cluster.GetAsync(Token, "pod", "main"))[0]["status"]!["containerStatuses"]![0]!;
        Assert.Equal(0, status["restartCount"]!.GetValue<int>());
    }

    private static async Task AnsweredAsync(string expected, Func<Task<CommandResult>> ask)
    {
        var answer = await ask();
        while (answer.Code != 0 || answer.Output.Length == 0)
        {
            await Task.Delay(50, Token);
            answer = await ask();
        }

        Assert.Equal(expected, answer.Output);
    }

    /// <summary>Deletes all pods and waits until the service leads to those that take their place.</summary>
    private static async Task ReplacePodsAsync(TestCluster cluster, ServiceScene scene)
    {
        var old = await scene.PodsAsync();
        (await cluster.RunAsync(Token, ["delete", "pod", .. old])).MustSucceed();
        while (await scene.PodsAsync() is var pods && (pods.Count != old.Count || pods.Intersect(old).Any()))
        {
            await Task.Delay(50, Token);
        }

        await AnswersAsync(scene.RollWeb);
    }

    private static async Task AnswersAsync(IPEndPoint service)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        while (true)
        {
            try
            {
                using var answer = await client.GetAsync(new Uri($"http://{service}/"), Token);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (Exception e) when (e is HttpRequestException or SocketException || (e is OperationCanceledException && !Token.IsCancellationRequested))
            {
                // Not yet, or not any more.
            }

            await Task.Delay(50, Token);
        }
    }
}
