using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http;
using System.Text;
using System.Text.Json.Nodes;

namespace Modular.EndToEnd;

/// <summary>
/// Kills the host of a cluster at random moments while objects are written, containers run, end and restart; then compares everything that
/// was acknowledged or happened with what the cluster says.
/// </summary>
internal sealed class KillStorm(int kills, int seed, Action<string> report)
{
    private const int Writers = 2;
    private static readonly int[] ExitCodes = [0, 37, 137];

    private readonly ConcurrentDictionary<string, string> _acknowledged = new();
    private readonly Random _random = new(seed);

    /// <summary>Answers what was lost, doubled or wrong; nothing if all is well.</summary>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellation)
    {
        var shared = Directory.CreateTempSubdirectory("modular-storm-").FullName;
        try
        {
            await using var cluster = await TestCluster.StartAsync(cancellation);
            (await cluster.ApplyAsync(Manifest(shared), cancellation)).MustSucceed();
            await cluster.WaitAsync("pod/counter", "condition=Ready", cancellation);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var writers = Enumerable.Range(0, Writers).Select(w => WriteAsync(cluster, w, stop.Token)).ToArray();
            for (var kill = 1; kill <= kills; kill++)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(20, 1200)), cancellation);
                using var host = Process.GetProcessById(cluster.HostPid);
                host.Kill();
                await host.WaitForExitAsync(cancellation);
                (await cluster.UpAsync(cancellation)).MustSucceed();
                report($"kill {kill} of {kills}: {_acknowledged.Count} writes acknowledged so far");
            }

            await stop.CancelAsync();
            await Task.WhenAll(writers);
            return
            [
                .. await CompareObjectsAsync(cluster, cancellation),
                .. await CompareExitCodesAsync(cluster, cancellation),
                .. await CompareLogAsync(cluster, cancellation),
                .. await CompareRestartsAsync(cluster, shared, cancellation),
            ];
        }
        finally
        {
            Directory.Delete(shared, recursive: true);
        }
    }

    private static string Manifest(string shared)
    {
        var text = new StringBuilder();
        text.Append(Pod("counter", "Always", "i=0; while true; do echo line $i; i=$((i+1)); sleep 0.05; done", shared));
        text.Append(Pod("restarter", "Always", "echo start >> $VOLUME_SHARED/starts; sleep 3; exit 3", shared));
        foreach (var code in ExitCodes)
        {
            text.Append(Pod($"finisher-{code}", "Never", $"sleep 5; exit {code}", shared));
        }

        return text.ToString();
    }

    private static string Pod(string name, string restart, string script, string shared) => $$$"""
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: {{{name}}}}
        spec:
          restartPolicy: {{{restart}}}
          terminationGracePeriodSeconds: 1
          volumes: [{name: shared, hostPath: {path: {{{shared}}}}}]
          containers:
          - name: main
            image: host
            command: [sh, -c, "{{{script}}}"]
            volumeMounts: [{name: shared, mountPath: /shared}]

        """;

    private async Task WriteAsync(TestCluster cluster, int writer, CancellationToken stop)
    {
        using var http = ClusterHttp.Create(cluster.Kubeconfig, cluster.Port);
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var name = $"w{writer}-{i}";
            try
            {
                using var body = new StringContent(
                    $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}"}}""", Encoding.UTF8, "application/json");
                using var answer = await http.PostAsync("/api/v1/namespaces/default/configmaps", body, CancellationToken.None);
                var text = await answer.Content.ReadAsStringAsync(CancellationToken.None);
                if (answer.IsSuccessStatusCode)
                {
                    _acknowledged[name] = JsonNode.Parse(text)!["metadata"]!["resourceVersion"]!.GetValue<string>();
                }

                await Task.Delay(TimeSpan.FromMilliseconds(2), CancellationToken.None);
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                // The host was killed before it answered; whether it wrote is not known, so nothing is expected.
                await Task.Delay(TimeSpan.FromMilliseconds(10), CancellationToken.None);
            }
        }
    }

    private async Task<List<string>> CompareObjectsAsync(TestCluster cluster, CancellationToken cancellation)
    {
        var stored = (await cluster.GetAsync(cancellation, "configmaps"))
            .ToDictionary(o => o["metadata"]!["name"]!.GetValue<string>(), o => o["metadata"]!["resourceVersion"]!.GetValue<string>());
        var wrong = new List<string>();
        foreach (var (name, revision) in _acknowledged)
        {
            if (!stored.TryGetValue(name, out var found))
            {
                wrong.Add($"configmap {name} was acknowledged at revision {revision} and is gone");
            }
            else if (found != revision)
            {
                wrong.Add($"configmap {name} was acknowledged at revision {revision} and is at {found}");
            }
        }

        if (_acknowledged.IsEmpty)
        {
            wrong.Add("no write was acknowledged at all");
        }

        return wrong;
    }

    private static async Task<List<string>> CompareExitCodesAsync(TestCluster cluster, CancellationToken cancellation)
    {
        var wrong = new List<string>();
        foreach (var code in ExitCodes)
        {
            var phase = code == 0 ? "Succeeded" : "Failed";
            await cluster.WaitAsync($"pod/finisher-{code}", $"jsonpath={{.status.phase}}={phase}", cancellation);
            var status = (await cluster.GetAsync(cancellation, "pod", $"finisher-{code}"))[0]["status"]!["containerStatuses"]![0]!;
            var found = status["state"]!["terminated"]!["exitCode"]!.GetValue<int>();
            var restarts = status["restartCount"]!.GetValue<int>();
            if (found != code || restarts != 0)
            {
                wrong.Add($"finisher-{code} ended with {found} and {restarts} restarts");
            }
        }

        return wrong;
    }

    // The container counts; a missing or doubled number is a lost or doubled line.
    private static async Task<List<string>> CompareLogAsync(TestCluster cluster, CancellationToken cancellation)
    {
        var counter = (await cluster.GetAsync(cancellation, "pod", "counter"))[0]["status"]!["containerStatuses"]![0]!;
        var wrong = new List<string>();
        if (counter["restartCount"]!.GetValue<int>() != 0)
        {
            wrong.Add($"counter was restarted {counter["restartCount"]} times");
        }

        var lines = (await cluster.RunAsync(cancellation, "logs", "counter")).MustSucceed().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i] != $"line {i}")
            {
                wrong.Add($"log line {i} of counter is \"{lines[i]}\"");
                break;
            }
        }

        return wrong;
    }

    // Each start leaves a line in a file; the pod must have counted them all, once the container waits for its next start.
    private static async Task<List<string>> CompareRestartsAsync(TestCluster cluster, string shared, CancellationToken cancellation)
    {
        while (true)
        {
            var starts = File.ReadAllLines(Path.Combine(shared, "starts")).Length;
            var status = (await cluster.GetAsync(cancellation, "pod", "restarter"))[0]["status"]!["containerStatuses"]![0]!;
            if (status["state"]!["waiting"] is null)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), cancellation);
                continue;
            }

            var restarts = status["restartCount"]!.GetValue<int>();
            return File.ReadAllLines(Path.Combine(shared, "starts")).Length != starts ? await CompareRestartsAsync(cluster, shared, cancellation)
                : restarts + 1 == starts ? []
                : [$"restarter was started {starts} times and counts {restarts} restarts"];
        }
    }
}
