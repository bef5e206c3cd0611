using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Modular.EndToEnd;

/// <summary>A scheduler tried beside the live one: in its shadow, as a canary, promoted, and rolled back by itself.</summary>
public sealed class CandidateTests
{
    private const string Candidate = "scheduler-candidate";

    [Fact]
    public async Task A_scheduler_goes_from_shadow_to_canary_to_live_and_back()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var cluster = await TestCluster.StartAsync(cancellation);
        var shadow = (await cluster.RunAsync(cancellation, "plugins", "try", "scheduler", "scheduler-spread")).MustSucceed();
        Assert.Equal($"plugin/{Candidate} is scheduler-spread 0.1.0, a shadow of scheduler; 'modular plugins report {Candidate}' tells how it does\n", shadow.Output);
        (await cluster.ApplyAsync(Workload("first"), cancellation)).MustSucceed();
        (await cluster.ApplyAsync(Workload("second"), cancellation)).MustSucceed();
        await RunningAsync(cluster, "first", 2, cancellation);
        await RunningAsync(cluster, "second", 1, cancellation);
        var report = await ReportAsync(cluster, r => Figure(r, "candidate", "placed") == 3, cancellation);
        Assert.Equal(3, Figure(report, "live", "placed"));
        Assert.Equal(3, report["compared"]!.GetValue<long>());
        var shown = (await cluster.RunAsync(cancellation, "plugins", "report", Candidate)).MustSucceed().Output;
        Assert.Contains("scheduler-binpack   scheduler-spread", shown, StringComparison.Ordinal);
        Assert.Contains("the same node for 100 % of 3 pods", shown, StringComparison.Ordinal);
        Assert.All(await SchedulersAsync(cluster, 3, cancellation), by => Assert.Equal("scheduler-binpack", by));

        (await cluster.RunAsync(cancellation, "plugins", "try", "scheduler", "scheduler-spread", "--canary", "-l", "app=first", "--isolation", "process")).MustSucceed();
        await ScaleAsync(cluster, "first", 4, cancellation);
        await ScaleAsync(cluster, "second", 3, cancellation);
        var by = await SchedulersAsync(cluster, 7, cancellation);
        Assert.Equal((2, 5), (by.Count(id => id == "scheduler-spread"), by.Count(id => id == "scheduler-binpack")));

        // The canary's process is killed: its pods run nevertheless, and it is back.
        using (var child = Process.GetProcessById(ChildOf(cluster)))
        {
            child.Kill();
        }

        await ScaleAsync(cluster, "first", 6, cancellation);

        var promoted = (await cluster.RunAsync(cancellation, "plugins", "promote", Candidate)).MustSucceed().Output;
        Assert.Equal(
            $"plugin/scheduler is scheduler-spread 0.1.0\nplugin/{Candidate} deleted; 'modular plugins rollback scheduler' brings back what ran before\n", promoted);
        Assert.Equal("process", (await cluster.GetAsync(cancellation, "plugin", "scheduler"))[0]["status"]!["isolation"]!.GetValue<string>());
        await ScaleAsync(cluster, "second", 4, cancellation);
        Assert.Equal("plugin/scheduler is scheduler-binpack 0.1.0\n", (await cluster.RunAsync(cancellation, "plugins", "rollback", "scheduler")).MustSucceed().Output);
        await ScaleAsync(cluster, "second", 5, cancellation);
    }

    [Fact]
    public async Task A_canary_that_overcommits_is_rolled_back_by_itself_and_stays_so()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var cluster = await TestCluster.StartAsync(cancellation);
        await PythonScheduler.InstallAsync(
            cluster, cancellation, program => program.Replace("if reason is None:", "if True:", StringComparison.Ordinal));
        (await cluster.RunAsync(cancellation, "plugins", "try", "scheduler", "scheduler-python", "--canary")).MustSucceed();
        (await cluster.ApplyAsync(Workload("huge", "1000"), cancellation)).MustSucceed();
        await UntilAsync(async () => Condition(await PluginAsync(cluster, cancellation), "RolledBack") is not null, cancellation);
        await UntilAsync(async () => (await PluginAsync(cluster, cancellation))["status"]!["phase"]!.GetValue<string>() == "Stopped", cancellation);
        var candidate = await PluginAsync(cluster, cancellation);
        Assert.False(candidate["spec"]!["enabled"]!.GetValue<bool>());
        Assert.Equal("Overcommitted", Condition(candidate, "RolledBack")!["reason"]!.GetValue<string>());
        var report = (await cluster.RunAsync(cancellation, "plugins", "report", Candidate)).MustSucceed().Output;
        Assert.Contains("rolled back: scheduler-python put pod default/huge-", report, StringComparison.Ordinal);
        var pod = (await cluster.GetAsync(cancellation, "pods", "-l", "app=huge"))[0];
        Assert.Null(pod["spec"]!["nodeName"]);
        var refused = await cluster.RunAsync(cancellation, "plugins", "promote", Candidate);
        Assert.Contains($"{Candidate} does not run; 'modular plugins report {Candidate}' tells why", refused.Errors, StringComparison.Ordinal);

        (await cluster.RunAsync(cancellation, "down")).MustSucceed();
        (await cluster.UpAsync(cancellation)).MustSucceed();
        Assert.Equal("Stopped", (await PluginAsync(cluster, cancellation))["status"]!["phase"]!.GetValue<string>());
        (await cluster.ApplyAsync(Workload("small"), cancellation)).MustSucceed();
        await RunningAsync(cluster, "small", 1, cancellation);
    }

    [Fact]
    public async Task A_role_that_was_made_a_candidate_is_one_again_after_a_rollback()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var cluster = await TestCluster.StartAsync(cancellation);
        (await cluster.ApplyAsync(
            """
            apiVersion: modular.dev/v1alpha1
            kind: Plugin
            metadata: {name: scheduler}
            spec: {plugin: scheduler-spread, trial: {mode: shadow}}
            """, cancellation)).MustSucceed();
        await UntilAsync(async () => Filled(await SchedulerAsync()) is ("scheduler-spread", "scheduler (shadow)"), cancellation);
        Assert.Equal("plugin/scheduler is scheduler-binpack 0.1.0\n", (await cluster.RunAsync(cancellation, "plugins", "rollback", "scheduler")).MustSucceed().Output);
        var scheduler = await SchedulerAsync();
        Assert.Null(scheduler["spec"]!["trial"]);
        Assert.Equal(("scheduler-binpack", "scheduler"), Filled(scheduler));

        async Task<JsonNode> SchedulerAsync() => (await cluster.GetAsync(cancellation, "plugin", "scheduler"))[0];
        static (string Plugin, string Role) Filled(JsonNode plugin) => (plugin["status"]!["plugin"]!.GetValue<string>(), plugin["status"]!["role"]!.GetValue<string>());
    }

    [Fact]
    public async Task What_can_not_be_tried_is_refused_and_leaves_nothing()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var cluster = await TestCluster.StartAsync(cancellation);
        await RefusedAsync("dns-candidate does not run dns: dns can't be tried beside another: modular.dns has no trials", "plugins", "try", "dns", "dns");
        await RefusedAsync("scheduler-spread can't be tried for dns: scheduler-spread does not provide modular.dns", "plugins", "try", "dns", "scheduler-spread");
        await RefusedAsync("spec.trial.share: Invalid value: 0: write a percentage from 1 to 100", "plugins", "try", "scheduler", "scheduler-spread", "--share", "0");
        await RefusedAsync("spec.trial.selector", "plugins", "try", "scheduler", "scheduler-spread", "-l", "a in");
        await RefusedAsync("there is no role or candidate nobody; 'modular plugins ls' lists them", "plugins", "try", "nobody", "scheduler-spread");
        await RefusedAsync("scheduler is no candidate", "plugins", "report", "scheduler");
        await RefusedAsync("there is no plugin nobody", "plugins", "promote", "nobody");
        await RefusedAsync("is not installed", "plugins", "try", "scheduler", "scheduler-nobody-wrote");
        foreach (var role in (string[])["scheduler", "dns"])
        {
            await RefusedAsync($"{role} is a role, which a candidate of that name would empty; choose another --name", "plugins", "try", "scheduler", "scheduler-spread", "--name", role);
        }

        Assert.DoesNotContain(await cluster.GetAsync(cancellation, "plugins"), p => p["metadata"]!["name"]!.GetValue<string>().EndsWith("-candidate", StringComparison.Ordinal));

        async Task RefusedAsync(string error, params string[] command)
        {
            var refused = await cluster.RunAsync(cancellation, command);
            Assert.NotEqual(0, refused.Code);
            Assert.Contains(error, refused.Errors, StringComparison.Ordinal);
        }
    }

    private static string Workload(string name, string cpu = "10m") => $$"""
        apiVersion: v1
        kind: ReplicationController
        metadata: {name: {{name}}}
        spec:
          replicas: {{(name == "first" ? 2 : 1)}}
          selector: {app: {{name}}}
          template:
            metadata: {labels: {app: "{{name}}" } }
            spec:
              terminationGracePeriodSeconds: 0
              containers:
              - name: main
                image: host
                command: [sleep, "600"]
                resources: {requests: {cpu: "{{cpu}}" } }
        """;

    private static async Task ScaleAsync(TestCluster cluster, string name, int replicas, CancellationToken cancellation)
    {
        (await cluster.RunAsync(cancellation, "scale", "rc", name, $"--replicas={replicas}")).MustSucceed();
        await RunningAsync(cluster, name, replicas, cancellation);
    }

    private static async Task RunningAsync(TestCluster cluster, string name, int replicas, CancellationToken cancellation) =>
        await cluster.WaitAsync($"rc/{name}", $"jsonpath={{.status.readyReplicas}}={replicas}", cancellation);

    /// <summary>Who placed each of so many pods, as the events say, which come after the bindings.</summary>
    private static async Task<List<string>> SchedulersAsync(TestCluster cluster, int pods, CancellationToken cancellation)
    {
        List<string> schedulers = [];
        await UntilAsync(
            async () =>
            {
                schedulers =
                [
                    .. (await cluster.GetAsync(cancellation, "events")).Where(e => e["reason"]!.GetValue<string>() == "Scheduled")
                        .Select(e => e["message"]!.GetValue<string>().Split(" by ")[1]),
                ];
                return schedulers.Count >= pods;
            },
            cancellation);
        return schedulers;
    }

    private static async Task<JsonNode> PluginAsync(TestCluster cluster, CancellationToken cancellation) =>
        (await cluster.GetAsync(cancellation, "plugin", Candidate))[0];

    private static JsonNode? Condition(JsonNode plugin, string type) =>
        (plugin["status"]?["conditions"] as JsonArray)?.FirstOrDefault(c => c!["type"]!.GetValue<string>() == type && c["status"]!.GetValue<string>() == "True");

    private static async Task<JsonNode> ReportAsync(TestCluster cluster, Func<JsonNode, bool> complete, CancellationToken cancellation)
    {
        JsonNode? report = null;
        await UntilAsync(async () => (report = (await PluginAsync(cluster, cancellation))["status"]?["trial"]?["report"]) is not null && complete(report), cancellation);
        return report!;
    }

    private static long Figure(JsonNode report, string side, string figure) => report[side]![figure]!.GetValue<long>();

    private static async Task UntilAsync(Func<Task<bool>> condition, CancellationToken cancellation)
    {
        while (!await condition())
        {
            await Task.Delay(50, cancellation);
        }
    }

    private static int ChildOf(TestCluster cluster) => Assert.Single(cluster.ChildrenOf(Candidate));
}
