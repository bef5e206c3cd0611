using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http;
using System.Text;
using System.Text.Json.Nodes;

namespace Modular.EndToEnd;

/// <summary>
/// The host is killed again and again while objects are written and containers end. Afterwards every write that was acknowledged is
/// there at the revision it was answered with, every log is whole, and every ended container is counted once. bench/ has the long form.
/// </summary>
public sealed class KillStormTests
{
    private const int Kills = 5;

    private const string Pods = """
        apiVersion: v1
        kind: Pod
        metadata: {name: counter}
        spec:
          terminationGracePeriodSeconds: 1
          containers:
          - {name: main, image: host, command: [sh, -c, "i=0; while true; do echo line $i; i=$((i+1)); sleep 0.05; done"]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: finisher}
        spec:
          restartPolicy: Never
          terminationGracePeriodSeconds: 1
          containers:
          - {name: main, image: host, command: [sh, -c, "sleep 6; exit 37"]}
        """;

    [Fact]
    public async Task Nothing_acknowledged_is_lost_or_doubled()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var cluster = await TestCluster.StartAsync(cancellation);
        (await cluster.ApplyAsync(Pods, cancellation)).MustSucceed();
        (await cluster.RunAsync(cancellation, "wait", "pod/counter", "--for=condition=Ready", "--timeout=60s")).MustSucceed();

        var acknowledged = new ConcurrentDictionary<string, string>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var writers = Enumerable.Range(0, 2).Select(w => WriteAsync(cluster, w, acknowledged, stop.Token)).ToArray();
        var random = new Random(20261123);
        for (var kill = 0; kill < Kills; kill++)
        {
            await WaitForWritesAsync(acknowledged, acknowledged.Count + 3 + random.Next(5), cancellation);
            using var host = Process.GetProcessById(cluster.HostPid);
            host.Kill();
            await host.WaitForExitAsync(cancellation);
            (await cluster.UpAsync(cancellation)).MustSucceed();
        }

        await stop.CancelAsync();
        await Task.WhenAll(writers);

        var stored = (await cluster.GetAsync(cancellation, "configmaps"))
            .ToDictionary(o => o["metadata"]!["name"]!.GetValue<string>(), o => o["metadata"]!["resourceVersion"]!.GetValue<string>());
        foreach (var (name, revision) in acknowledged)
        {
            Assert.True(stored.TryGetValue(name, out var found), $"{name} was acknowledged and is gone");
            Assert.Equal(revision, found);
        }

        (await cluster.RunAsync(cancellation, "wait", "pod/finisher", "--for=jsonpath={.status.phase}=Failed", "--timeout=60s")).MustSucceed();
        var finisher = (await cluster.GetAsync(cancellation, "pod/finisher"))[0]["status"]!["containerStatuses"]![0]!;
        Assert.Equal(37, finisher["state"]!["terminated"]!["exitCode"]!.GetValue<int>());
        Assert.Equal(0, finisher["restartCount"]!.GetValue<int>());
        var counter = (await cluster.GetAsync(cancellation, "pod/counter"))[0]["status"]!["containerStatuses"]![0]!;
        Assert.Equal(0, counter["restartCount"]!.GetValue<int>());
        var lines = (await cluster.RunAsync(cancellation, "logs", "counter")).MustSucceed().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Enumerable.Range(0, lines.Length).Select(i => $"line {i}"), lines);
    }

    private static async Task WriteAsync(TestCluster cluster, int writer, ConcurrentDictionary<string, string> acknowledged, CancellationToken stop)
    {
        using var http = ClusterHttp.Create(cluster.Kubeconfig, cluster.Port);
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var name = $"w{writer}-{i}";
            try
            {
                using var body = new StringContent($$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}"}}""", Encoding.UTF8, "application/json");
                using var answer = await http.PostAsync("/api/v1/namespaces/default/configmaps", body, CancellationToken.None);
                var text = await answer.Content.ReadAsStringAsync(CancellationToken.None);
                Assert.True(answer.IsSuccessStatusCode, text);
                acknowledged[name] = JsonNode.Parse(text)!["metadata"]!["resourceVersion"]!.GetValue<string>();
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                // The host was killed before it answered; whether it wrote is not known, so nothing is expected.
                await Task.Delay(TimeSpan.FromMilliseconds(10), CancellationToken.None);
            }
        }
    }

    private static async Task WaitForWritesAsync(ConcurrentDictionary<string, string> acknowledged, int count, CancellationToken cancellation)
    {
        while (acknowledged.Count < count)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellation);
        }
    }
}
