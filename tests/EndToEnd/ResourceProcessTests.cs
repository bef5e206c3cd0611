using System.Collections.Concurrent;
using System.Net;
using System.Net.Http;
using System.Text;
using System.Text.Json.Nodes;

namespace Modular.EndToEnd;

/// <summary>What the API is made of, in a process of its own, which is killed and exchanged while clients write and read.</summary>
public sealed class ResourceProcessTests
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";
    private const string Services = "/api/v1/namespaces/default/services";
    private const int Kills = 2;

    // Often enough to meet every kill and exchange, and not so often that they get no processor.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_acknowledged_is_lost_and_no_read_fails_while_the_kinds_are_killed_and_exchanged()
    {
        await using var isolated = await IsolatedCluster.StartAsync("resources");
        var cluster = isolated.Cluster;
        await ApplyAndSeeAsync(cluster);
        using var http = ClusterHttp.Create(cluster.Kubeconfig, cluster.Port);
        var acknowledged = new ConcurrentDictionary<string, string>();
        var refused = new ConcurrentQueue<string>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        List<Task> clients =
        [
            WriteAsync(http, ConfigMaps, "ConfigMap", """ "data": {"a": "b"} """, acknowledged, refused, stop.Token),
            WriteAsync(http, Services, "Service", """ "spec": {"type": "NodePort", "ports": [{"port": 80}]} """, acknowledged, refused, stop.Token),
            ReadAsync(http, stop.Token),
        ];
        for (var kill = 0; kill < Kills; kill++)
        {
            await MoreAsync(acknowledged, clients);
            await isolated.KillAsync("resources");
            await isolated.ReadyAsync("resources");
        }

        await MoreAsync(acknowledged, clients);
        var before = refused.Count;
        (await cluster.RunAsync(Token, "plugins", "swap", "resources", "resources-kubernetes")).MustSucceed();
        await MoreAsync(acknowledged, clients);
        (await cluster.RunAsync(Token, "plugins", "swap", "resources", "resources-kubernetes", "--isolation", "process")).MustSucceed();
        await MoreAsync(acknowledged, clients);
        Assert.Equal(before, refused.Count);
        await stop.CancelAsync();
        await Task.WhenAll(clients);

        var stored = (await cluster.GetAsync(Token, "configmaps")).Concat(await cluster.GetAsync(Token, "services"))
            .ToDictionary(obj => $"{obj["kind"]} {obj["metadata"]!["name"]}", obj => (string)obj["metadata"]!["resourceVersion"]!);
        Assert.All(acknowledged, write => Assert.Equal(write.Value, stored[write.Key]));
        var services = await cluster.GetAsync(Token, "services");
        Assert.Equal(services.Count, services.Select(service => (string)service["spec"]!["clusterIP"]!).Distinct().Count());
        var nodePorts = services.Where(service => (string?)service["spec"]!["type"] == "NodePort").Select(service => service["spec"]!["ports"]![0]!["nodePort"]!.GetValue<int>()).ToList();
        Assert.Equal(nodePorts.Count, nodePorts.Distinct().Count());
        await SeeAsync(cluster);
    }

    [Fact]
    public async Task While_the_process_stands_still_kinds_are_listed_and_writes_are_refused_with_a_time_to_try_again()
    {
        await using var isolated = await IsolatedCluster.StartAsync("resources");
        var cluster = isolated.Cluster;
        await ApplyAndSeeAsync(cluster);
        using var http = ClusterHttp.Create(cluster.Kubeconfig, cluster.Port);
        isolated.Signal("resources", "STOP");
        using var body = new StringContent("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"late"}}""", Encoding.UTF8, "application/json");
        var written = http.PostAsync(ConfigMaps, body, Token);
        Assert.Contains("web", (await cluster.KubectlAsync(Token, "get", "rc", "-o", "name")).MustSucceed().Output, StringComparison.Ordinal);
        isolated.Signal("resources", "KILL");
        using var answer = await written;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter!.Delta);
        await isolated.ReadyAsync("resources");
        Assert.Contains("\"late\" not found", (await cluster.KubectlAsync(Token, "get", "configmap", "late")).Errors, StringComparison.Ordinal);
        await SeeAsync(cluster);
    }

    private static async Task ApplyAndSeeAsync(TestCluster cluster)
    {
        (await cluster.KubectlAsync(
            """
            apiVersion: v1
            kind: ReplicationController
            metadata: {name: web}
            spec:
              replicas: 1
              selector: {app: web}
              template:
                metadata: {labels: {app: web}}
                spec:
                  terminationGracePeriodSeconds: 0
                  containers: [{name: main, image: host, command: [sleep, "600"]}]
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: web}
            spec: {selector: {app: web}, ports: [{port: 8080}]}
            """,
            Token, "apply", "-f", "-")).MustSucceed();
        (await cluster.RunAsync(Token, "wait", "rc/web", "--for=jsonpath={.status.readyReplicas}=1", "--timeout=60s")).MustSucceed();
        var wrong = await cluster.KubectlAsync("""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"wrong"},"spec":{"containers":[{"name":"A","image":"host"}]}}""", Token, "create", "-f", "-");
        Assert.Contains("spec.containers[0].name: Invalid value: \"A\"", wrong.Errors, StringComparison.Ordinal);
        await SeeAsync(cluster);
    }

    /// <summary>Tables have the cells that only the kinds' own code knows.</summary>
    private static async Task SeeAsync(TestCluster cluster)
    {
        var pods = (await cluster.KubectlAsync(Token, "get", "pods")).MustSucceed().Output;
        while (pods.Contains("<unknown>", StringComparison.Ordinal))
        {
            // The role is ready before its kinds are read again, and until then there are names only.
            await Task.Delay(50, Token);
            pods = (await cluster.KubectlAsync(Token, "get", "pods")).MustSucceed().Output;
        }

        Assert.Matches(@"NAME +READY +STATUS +RESTARTS +AGE\nweb-\S+ +1/1 +Running +0 +\d", pods);
        Assert.Matches(@"web +ClusterIP +[\d.]+ +<none> +8080/TCP +\d", (await cluster.KubectlAsync(Token, "get", "services")).MustSucceed().Output);
        Assert.Matches(@"web +1 +1 +1 +\d", (await cluster.KubectlAsync(Token, "get", "rc")).MustSucceed().Output);
    }

    private static async Task WriteAsync(
        HttpClient http, string path, string kind, string rest, ConcurrentDictionary<string, string> acknowledged, ConcurrentQueue<string> refused, CancellationToken stop)
    {
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var name = $"w{i}";
            using var body = new StringContent($$$"""{"apiVersion":"v1","kind":"{{{kind}}}","metadata":{"name":"{{{name}}}"},{{{rest}}}}""", Encoding.UTF8, "application/json");
            using var answer = await http.PostAsync(path, body, CancellationToken.None);
            var text = await answer.Content.ReadAsStringAsync(CancellationToken.None);
            if (answer.IsSuccessStatusCode)
            {
                acknowledged[$"{kind} {name}"] = (string)JsonNode.Parse(text)!["metadata"]!["resourceVersion"]!;
            }
            else
            {
                Assert.True(answer.StatusCode == HttpStatusCode.ServiceUnavailable && answer.Headers.RetryAfter is not null, text);
                refused.Enqueue(text);
            }

            await Task.Delay(Pause, CancellationToken.None);
        }
    }

    private static async Task ReadAsync(HttpClient http, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            foreach (var path in new[] { $"{ConfigMaps}?limit=1", "/api/v1/pods", "/openapi/v3/api/v1", "/apis" })
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, path);
                if (path == "/api/v1/pods")
                {
                    request.Headers.Add("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io");
                }

                using var answer = await http.SendAsync(request, CancellationToken.None);
                var text = await answer.Content.ReadAsStringAsync(CancellationToken.None);
                Assert.True(answer.IsSuccessStatusCode, text);
                Assert.True(path != "/api/v1/pods" || text.Contains("web-", StringComparison.Ordinal), text);
                await Task.Delay(Pause, CancellationToken.None);
            }
        }
    }

    /// <summary>Waits until clients have written some more, unless one of them has failed.</summary>
    private static async Task MoreAsync(ConcurrentDictionary<string, string> acknowledged, IReadOnlyCollection<Task> clients)
    {
        var (maps, services) = (CountOf("ConfigMap"), CountOf("Service"));
        while (CountOf("ConfigMap") < maps + 10 || CountOf("Service") < services + 10)
        {
            if (clients.FirstOrDefault(client => client.IsCompleted) is { } ended)
            {
                await ended;
            }

            await Task.Delay(20, Token);
        }

        int CountOf(string kind) => acknowledged.Keys.Count(key => key.StartsWith(kind, StringComparison.Ordinal));
    }
}
