using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http;
using System.Text;
using System.Text.Json.Nodes;

namespace Modular.EndToEnd;

/// <summary>The store in a process of its own, which is killed again and again while clients write, read and watch.</summary>
public sealed class StoreProcessTests
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";
    private const int Kills = 2;
    private const int Writers = 2;

    // Readers leave the writers some processor.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_acknowledged_is_lost_and_a_watch_sees_everything_once()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(
            file,
            """
            apiVersion: modular.dev/v1alpha1
            kind: Distribution
            metadata: {name: store-apart}
            plugins:
              - {name: store, plugin: store-embedded, isolation: process}
              - {name: resources, plugin: resources-kubernetes}
              - {name: auth-certificate, plugin: auth-certificate}
            """,
            Token);
        await using var cluster = await TestCluster.StartAsync(Token, "--mode", "process", "--distribution", file);
        File.Delete(file);
        using var http = ClusterHttp.Create(cluster.Kubeconfig, cluster.Port);
        var acknowledged = new ConcurrentDictionary<string, string>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var seen = new ConcurrentQueue<(string Name, long Revision)>();
        var watch = WatchAsync(http, await RevisionAsync(http), seen, watching.Token);
        var clients = Enumerable.Range(0, Writers).Select(writer => WriteAsync(http, writer, acknowledged, stop.Token)).Append(ReadAsync(http, stop.Token)).ToList();
        for (var kill = 0; kill < Kills; kill++)
        {
            var before = acknowledged.Count;
            await UntilAsync(() => acknowledged.Count >= before + 20, clients);
            using var store = Process.GetProcessById(ChildOf(cluster));
            store.Kill();
            await store.WaitForExitAsync(Token);
        }

        var last = acknowledged.Count;
        await UntilAsync(() => acknowledged.Count >= last + 20, clients);
        await stop.CancelAsync();
        await Task.WhenAll(clients);
        var stored = (await cluster.GetAsync(Token, "configmaps"))
            .Select(o => (Name: (string)o["metadata"]!["name"]!, Revision: (string)o["metadata"]!["resourceVersion"]!)).ToDictionary(o => o.Name, o => o.Revision);
        Assert.All(acknowledged, write => Assert.Equal(write.Value, stored[write.Key]));
        await UntilAsync(() => seen.Count >= stored.Count, [watch]);
        await watching.CancelAsync();
        await watch;
        Assert.Equal(stored.Select(o => (o.Key, long.Parse(o.Value))).OrderBy(o => o.Item2), seen);

        var role = (await cluster.GetAsync(Token, "plugin", "store"))[0];
        Assert.Equal("process", (string?)role["status"]!["isolation"]);
        Assert.Contains((await File.ReadAllLinesAsync(cluster.LogFile, Token)), line => line.Contains("ended with exit code 137", StringComparison.Ordinal));
    }

    private static async Task<string> RevisionAsync(HttpClient http) =>
        (string)JsonNode.Parse(await http.GetStringAsync(ConfigMaps, Token))!["metadata"]!["resourceVersion"]!;

    /// <summary>One watch, from before the first kill until after the last.</summary>
    private static async Task WatchAsync(HttpClient http, string revision, ConcurrentQueue<(string Name, long Revision)> seen, CancellationToken stop)
    {
        try
        {
            using var reader = new StreamReader(await http.GetStreamAsync($"{ConfigMaps}?watch=1&resourceVersion={revision}", stop));
            while (await reader.ReadLineAsync(stop) is { } line)
            {
                var change = JsonNode.Parse(line)!;
                Assert.Equal("ADDED", (string?)change["type"]);
                seen.Enqueue(((string)change["object"]!["metadata"]!["name"]!, long.Parse((string)change["object"]!["metadata"]!["resourceVersion"]!)));
            }

            Assert.Fail("the watch ended");
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Everything was seen.
        }
    }

    private static async Task WriteAsync(HttpClient http, int writer, ConcurrentDictionary<string, string> acknowledged, CancellationToken stop)
    {
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var name = $"w{writer}-{i}";
            using var body = new StringContent($$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}"}}""", Encoding.UTF8, "application/json");
            using var answer = await http.PostAsync(ConfigMaps, body, CancellationToken.None);
            var text = await answer.Content.ReadAsStringAsync(CancellationToken.None);
            if (answer.IsSuccessStatusCode)
            {
                acknowledged[name] = (string)JsonNode.Parse(text)!["metadata"]!["resourceVersion"]!;
            }
            else
            {
                // Lost with the store, so that nobody knows, or not taken.
                Assert.True(answer.StatusCode is HttpStatusCode.GatewayTimeout or HttpStatusCode.ServiceUnavailable, text);
            }
        }
    }

    private static async Task ReadAsync(HttpClient http, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            using var answer = await http.GetAsync($"{ConfigMaps}?limit=1", CancellationToken.None);
            Assert.True(
                answer.IsSuccessStatusCode || answer.StatusCode is HttpStatusCode.GatewayTimeout or HttpStatusCode.ServiceUnavailable,
                await answer.Content.ReadAsStringAsync(CancellationToken.None));
            await Task.Delay(Pause, CancellationToken.None);
        }
    }

    /// <summary>Waits for something that clients bring about, unless one of them has failed.</summary>
    private static async Task UntilAsync(Func<bool> condition, IReadOnlyCollection<Task> clients)
    {
        while (!condition())
        {
            if (clients.FirstOrDefault(client => client.IsCompleted) is { } ended)
            {
                await ended;
            }

            await Task.Delay(20, Token);
        }
    }

    private static int ChildOf(TestCluster cluster) => Assert.Single(cluster.ChildrenOf("store"));
}
