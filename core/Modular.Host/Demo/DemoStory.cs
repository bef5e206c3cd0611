using System.Diagnostics;
using System.Text.Json.Nodes;
using Modular.Host.Client;
using Modular.Host.Cluster;
using Modular.PluginProcess;

namespace Modular.Host.Demo;

/// <summary>
/// The story <c>modular demo</c> tells, with the commands and API calls every user has: a cluster comes up, a controller keeps its pods
/// through deaths and changes, a service leads to them, a plugin is exchanged while the API serves, and a killed cluster comes back with everything it knew.
/// </summary>
internal sealed class DemoStory(ClusterDirectory directory, string listen, ClusterMode? mode, Narrator narrator)
{
    private const string Selector = "App=Nifty,Phase=Dev,Role=FE";
    private const int Port = 8080;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Shell _shell = new(directory.Root, narrator);

    public async Task TellAsync(CancellationToken cancellationToken)
    {
        await StartAsync(cancellationToken);
        using var api = new ApiConnection(Kubeconfig.Read(directory.Kubeconfig));
        var pods = new PodWatcher(api, Patience);
        await ShowClusterAsync(api, cancellationToken);
        var isolation = new IsolationStory(_shell, narrator);
        await RunControllerAsync(isolation, pods, cancellationToken);
        await DisturbAsync(isolation, api, pods, cancellationToken);
        var service = new ServiceStory(_shell, api, narrator, directory.Root);
        await ServeAsync(service, pods, cancellationToken);
        await SwapSchedulerAsync(api, pods, cancellationToken);
        await KillClusterAsync(service, pods, cancellationToken);
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        narrator.Chapter("1. A cluster on this machine");
        if (Directory.Exists(directory.Root))
        {
            await Commands.DownCommand.StopAsync(directory, cancellationToken);
            Directory.Delete(directory.Root, recursive: true);
        }

        var chosen = mode is { } given ? (string[])["--mode", given.ToString().ToLowerInvariant()] : [];
        var welcome = await _shell.MustAsync(cancellationToken, ["up", "--detach", "--listen", listen, .. chosen]);
        if (welcome.Split('\n').FirstOrDefault(line => line.StartsWith("containers ", StringComparison.Ordinal)) is { } limitation)
        {
            narrator.Show(limitation);
        }
    }

    private async Task ShowClusterAsync(ApiConnection api, CancellationToken cancellationToken)
    {
        var ready = await ReadAsync(api, "/readyz", cancellationToken);
        narrator.Check("the API is ready", $"/readyz answers {ready}", ready == "ok");

        await _shell.MustAsync(cancellationToken, "wait", "node", "--all", "--for=condition=Ready", "--timeout=30s");
        var nodes = (await api.GetAsync("/api/v1/nodes", cancellationToken))["items"]!.AsArray();
        var node = nodes.FirstOrDefault();
        var condition = (node?["status"]?["conditions"] as JsonArray)?.FirstOrDefault(c => c!["type"]!.GetValue<string>() == "Ready");
        narrator.Check("one node, Ready", $"{nodes.Count} node, {node?["metadata"]?["name"]} Ready={condition?["status"]}",
            nodes.Count == 1 && condition?["status"]?.GetValue<string>() == "True");
        if (condition?["message"] is { } message)
        {
            narrator.Show(message.GetValue<string>());
        }

        narrator.Show(await _shell.MustAsync(cancellationToken, "plugins", "ls"));
        var plugins = (await api.GetAsync(Commands.PluginsCommand.Path, cancellationToken))["items"]!.AsArray();
        var running = plugins.Count(p => p!["status"]?["phase"]?.GetValue<string>() == "Running");
        narrator.Check("every plugin runs", $"{running} of {plugins.Count} run", running == plugins.Count && running > 0);
    }

    private async Task RunControllerAsync(IsolationStory isolation, PodWatcher pods, CancellationToken cancellationToken)
    {
        narrator.Chapter("2. A controller and its four pods");
        var manifest = Path.Combine(directory.Root, "nifty.yaml");
        await File.WriteAllTextAsync(manifest, Manifest, cancellationToken);
        await _shell.MustAsync(cancellationToken, "apply", "-f", manifest);
        var (seen, reached) = await pods.UntilAsync(Selector, p => p.Count == 4 && p.All(x => x.Serves), cancellationToken);
        narrator.Check("4 pods Running and Ready", Summary(seen), reached);
        narrator.Show(await _shell.MustAsync(cancellationToken, "get", "pods", "-o", "wide"));
        var addresses = seen.Select(p => p.Ip).Distinct(StringComparer.Ordinal).Count();
        narrator.Check("each has its own IP", $"{addresses} different addresses", addresses == 4 && seen.All(p => p.Ip.Length > 0));
        var answers = new List<string>();
        foreach (var pod in seen)
        {
            answers.Add(await AskAsync(pod, cancellationToken));
        }

        narrator.Check("each answers at its address", string.Join("; ", answers.Select(a => a.Trim())), answers.All(a => a.Contains("nifty", StringComparison.Ordinal)));
        if (NetworkFile.Read(directory).Isolated)
        {
            await isolation.LookAsync(seen, cancellationToken);
        }
    }

    private async Task DisturbAsync(IsolationStory isolation, ApiConnection api, PodWatcher pods, CancellationToken cancellationToken)
    {
        narrator.Chapter("3. Things go wrong, the controller keeps its word");
        var (before, _) = await pods.UntilAsync(Selector, _ => true, cancellationToken);
        var victim = before[0];
        var pid = await isolation.FindAsync(victim, ProcessOf(await AskAsync(victim, cancellationToken)), cancellationToken);
        narrator.Command($"kill -9 {pid}   # the container of {victim.Name}");
        Signals.Send(ProcessRecord.Of(pid), Signals.Kill);
        var (killed, restarted) = await pods.UntilAsync(
            Selector, p => p.Count == 4 && p.Any(x => x.Uid == victim.Uid && x.Restarts == 1 && x.Serves), cancellationToken);
        var after = killed.FirstOrDefault(p => p.Uid == victim.Uid);
        narrator.Check("restarted in place, restartCount 1", after is null ? "the pod is gone" : $"{after.Name} {after.Phase}, restartCount {after.Restarts}, same IP {after.Ip}",
            restarted && after!.Ip == victim.Ip);

        var doomed = before[1];
        await _shell.MustAsync(cancellationToken, "delete", "pod", doomed.Name);
        var (replaced, made) = await pods.UntilAsync(
            Selector, p => p.Count == 4 && p.All(x => x.Serves && x.Uid != doomed.Uid), cancellationToken);
        narrator.Check($"{doomed.Name} is replaced", Summary(replaced), made);

        var leaver = replaced.First(p => p.Uid != victim.Uid);
        await api.SendAsync(HttpMethod.Patch, $"/api/v1/namespaces/default/pods/{leaver.Name}",
            JsonNode.Parse("""{"metadata":{"labels":{"App":"Inspected"}}}"""), "application/merge-patch+json", cancellationToken);
        narrator.Command($"PATCH pods/{leaver.Name}   # label App=Inspected");
        var (members, filled) = await pods.UntilAsync(
            Selector, p => p.Count == 4 && p.All(x => x.Serves && x.Uid != leaver.Uid), cancellationToken);
        var (released, free) = await pods.UntilAsync("App=Inspected", p => p.Count == 1 && p[0].Owner.Length == 0 && p[0].Serves, cancellationToken);
        narrator.Check("it leaves the controller, which makes another", $"{Summary(members)}; {leaver.Name} has {(released.Count == 1 && released[0].Owner.Length == 0 ? "no owner and goes on" : "not left")}", filled && free);
        await _shell.MustAsync(cancellationToken, "delete", "pod", leaver.Name);
    }

    private async Task ServeAsync(ServiceStory service, PodWatcher pods, CancellationToken cancellationToken)
    {
        narrator.Chapter("4. A service: a name and an address that stay");
        var (serving, _) = await pods.UntilAsync(Selector, p => p.Count == 4 && p.All(x => x.Serves), cancellationToken);
        await service.IntroduceAsync(serving, cancellationToken);
        await service.ShareAsync(pods, cancellationToken);
        await ScaleAsync(2, pods, cancellationToken);
        await using var probe = service.Probe();
        await ScaleAsync(8, pods, cancellationToken);
        await ScaleAsync(2, pods, cancellationToken);
        await probe.StopAsync();
        narrator.Check("no request fails meanwhile", $"{probe.Requests} requests, {probe.Failures} failed{(probe.Failures > 0 ? $", first {probe.FirstFailure}" : "")}",
            probe.Failures == 0 && probe.Requests > 0);
    }

    private async Task ScaleAsync(int count, PodWatcher pods, CancellationToken cancellationToken)
    {
        await _shell.MustAsync(cancellationToken, "scale", "rc", "nifty", $"--replicas={count}");
        var (seen, reached) = await pods.UntilAsync(Selector, p => p.Count == count && p.All(x => x.Serves), cancellationToken);
        narrator.Check($"{count} pods", Summary(seen), reached);
    }

    private async Task SwapSchedulerAsync(ApiConnection api, PodWatcher pods, CancellationToken cancellationToken)
    {
        narrator.Chapter("5. Another scheduler, while a pod waits and the API serves");
        var manifest = Path.Combine(directory.Root, "patient.yaml");
        await File.WriteAllTextAsync(manifest, PendingManifest, cancellationToken);
        await _shell.MustAsync(cancellationToken, "apply", "-f", manifest);
        var (waiting, pending) = await pods.UntilAsync("App=Patient", p => p.Count == 1 && p[0].Phase == "Pending" && p[0].Node.Length == 0, cancellationToken);
        narrator.Check("the pod waits: no node has its label", Summary(waiting), pending);

        await using var probe = new ApiProbe(api);
        var swap = await _shell.RunAsync(cancellationToken, "plugins", "swap", "scheduler", "scheduler-spread");
        narrator.Show(swap.Output);
        var node = (await api.GetAsync("/api/v1/nodes", cancellationToken))["items"]![0]!["metadata"]!["name"]!.GetValue<string>();
        await api.SendAsync(HttpMethod.Patch, $"/api/v1/nodes/{node}",
            JsonNode.Parse("""{"metadata":{"labels":{"disk":"fast"}}}"""), "application/merge-patch+json", cancellationToken);
        narrator.Command($"PATCH nodes/{node}   # label disk=fast");
        var (placed, runs) = await pods.UntilAsync("App=Patient", p => p.Count == 1 && p[0].Serves, cancellationToken);
        var events = await api.GetAsync(
            "/api/v1/namespaces/default/events?fieldSelector=" + Uri.EscapeDataString("involvedObject.name=patient,reason=Scheduled"), cancellationToken);
        var by = events["items"]!.AsArray().Select(e => e!["message"]!.GetValue<string>()).FirstOrDefault() ?? "no Scheduled event";
        await probe.StopAsync();
        narrator.Check("the new scheduler places it", $"{Summary(placed)}; {by}", swap.Code == 0 && runs && by.Contains("scheduler-spread", StringComparison.Ordinal));
        narrator.Check("the API never paused", $"{probe.Requests} requests meanwhile, {probe.Failures} failed, the slowest pair took {probe.Slowest.TotalMilliseconds:0} ms",
            probe.Failures == 0 && probe.Requests > 0);
    }

    private async Task KillClusterAsync(ServiceStory service, PodWatcher pods, CancellationToken cancellationToken)
    {
        narrator.Chapter("6. The cluster process is killed, and comes back");
        var before = await InventoryAsync(cancellationToken);
        var (podsBefore, _) = await pods.UntilAsync(Selector, _ => true, cancellationToken);
        var host = ProcessRecord.Read(directory.ProcessFile) ?? throw new CommandException("the cluster left no pid file");
        await using var probe = service.Probe();
        narrator.Command($"kill -9 {host.Pid}   # the cluster process");
        Signals.Send(host, Signals.Kill);
        await host.WaitForExitAsync(Patience, cancellationToken);
        var started = Stopwatch.GetTimestamp();
        await _shell.MustAsync(cancellationToken, "up", "--detach", "--listen", listen);
        var took = Stopwatch.GetElapsedTime(started);
        var after = await InventoryAsync(cancellationToken);
        var lost = before.Except(after, StringComparer.Ordinal).ToList();
        narrator.Check($"all {before.Count} objects are there", $"{before.Count - lost.Count} of {before.Count} are there{(lost.Count > 0 ? ", lost: " + string.Join(", ", lost) : "")}, back after {took.TotalSeconds:0.0} s", lost.Count == 0);

        using var api = new ApiConnection(Kubeconfig.Read(directory.Kubeconfig));
        var (podsAfter, serving) = await new PodWatcher(api, Patience).UntilAsync(
            Selector, p => p.Count == podsBefore.Count && p.All(x => x.Serves), cancellationToken);
        var same = podsBefore.All(b => podsAfter.Any(a => a.Uid == b.Uid && a.Restarts == b.Restarts));
        var answers = await probe.WaitForAnswerAsync(Patience, cancellationToken);
        await probe.StopAsync();
        narrator.Check("the service answers again", $"nobody answered for {probe.LongestGap.TotalSeconds:0.00} s, while {probe.Failures} requests were refused", answers);
        narrator.Check("the containers went on meanwhile", Summary(podsAfter) + (same ? ", none restarted" : ", some restarted"), serving && same);
    }

    // Events and leases come and go by themselves; everything else is to survive.
    private async Task<IReadOnlyList<string>> InventoryAsync(CancellationToken cancellationToken)
    {
        using var api = new ApiConnection(Kubeconfig.Read(directory.Kubeconfig));
        var objects = new List<string>();
        foreach (var path in (string[])["/api/v1/namespaces", "/api/v1/nodes", "/api/v1/pods", "/api/v1/replicationcontrollers", "/api/v1/serviceaccounts",
            "/api/v1/configmaps", "/api/v1/secrets", "/api/v1/services", "/api/v1/endpoints", "/apis/discovery.k8s.io/v1/endpointslices", Commands.PluginsCommand.Path])
        {
            foreach (var item in (await api.GetAsync(path, cancellationToken))["items"]!.AsArray())
            {
                var metadata = item!["metadata"]!;
                objects.Add($"{path[(path.LastIndexOf('/') + 1)..]}/{metadata["name"]} {metadata["uid"]}");
            }
        }

        return objects;
    }

    private static async Task<string> AskAsync(PodView pod, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            return await http.GetStringAsync(new Uri($"http://{pod.Ip}:{Port}/"), cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or UriFormatException)
        {
            return $"{pod.Ip} does not answer: {e.Message}";
        }
    }

    private static int ProcessOf(string answer)
    {
        var at = answer.IndexOf("pid ", StringComparison.Ordinal);
        return at >= 0 && int.TryParse(answer[(at + 4)..].Split(' ')[0], out var pid)
            ? pid : throw new CommandException($"the web server did not say its pid: {answer}");
    }

    private static async Task<string> ReadAsync(ApiConnection api, string path, CancellationToken cancellationToken)
    {
        try
        {
            using var reader = new StreamReader(await api.OpenAsync(path, cancellationToken));
            return (await reader.ReadToEndAsync(cancellationToken)).Trim();
        }
        catch (ApiFailure e)
        {
            return e.Message;
        }
    }

    private static string Summary(IReadOnlyList<PodView> pods) =>
        $"{pods.Count} pods ({string.Join(", ", pods.GroupBy(p => p.Serves ? "Running and Ready" : p.Phase).Select(g => $"{g.Count()} {g.Key}"))})";

    private const string Manifest = """
        apiVersion: v1
        kind: ReplicationController
        metadata:
          name: nifty
          labels: {App: Nifty, Phase: Dev, Role: FE}
        spec:
          replicas: 4
          selector: {App: Nifty, Phase: Dev, Role: FE}
          template:
            metadata:
              labels: {App: Nifty, Phase: Dev, Role: FE}
            spec:
              terminationGracePeriodSeconds: 5
              containers:
              - name: web
                image: modular
                args: ["web", "--port", "8080", "--text", "nifty"]
                ports: [{containerPort: 8080}]
                resources:
                  requests: {cpu: 50m, memory: 64Mi}
                  limits: {cpu: 1, memory: 256Mi}
                readinessProbe:
                  httpGet: {path: /, port: 8080}
                  periodSeconds: 1
        """;

    private const string PendingManifest = """
        apiVersion: v1
        kind: Pod
        metadata:
          name: patient
          labels: {App: Patient}
        spec:
          nodeSelector: {disk: fast}
          terminationGracePeriodSeconds: 5
          containers:
          - name: web
            image: modular
            args: ["web", "--port", "8080", "--text", "patient"]
            ports: [{containerPort: 8080}]
        """;
}
