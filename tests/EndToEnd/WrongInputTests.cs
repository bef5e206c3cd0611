namespace Modular.EndToEnd;

/// <summary>What a user gets wrong is answered in one line that names the mistake, and changes nothing.</summary>
public sealed class WrongInputTests(SharedCluster shared) : IClassFixture<SharedCluster>
{
    public static TheoryData<string, string> Manifests => new()
    {
        { "kind: Pod\nmetadata: {name: x}", "apiVersion is not set" },
        { "apiVersion: v1\nmetadata: {name: x}", "kind is not set" },
        { "apiVersion: v1\nkind: Pod\nspec: {}", "metadata.name is not set" },
        { "apiVersion: v1\nkind: Podd\nmetadata: {name: x}", "does not know kind \"Podd\"" },
        { "apiVersion: v1\nkind: Pod\n  metadata: [", "not YAML or JSON" },
        { "apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n  name: y", "line 5: not YAML or JSON: key \"metadata.name\" stands twice" },
        { "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: []}", "spec.containers: Required value" },
        { "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: [{name: a, image: host, imagge: y}]}", "unknown field \"spec.containers[0].imagge\"" },
        { "apiVersion: v1\nkind: Pod\nmetadata: {name: Not_A_Name}\nspec: {containers: [{name: a, image: host}]}", "metadata.name: Invalid value" },
        { "apiVersion: v1\nkind: ReplicationController\nmetadata: {name: x}\nspec: {replicas: many, selector: {a: b}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: host}]}}}", "spec.replicas" },
        { "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: nowhere}", "namespaces \"nowhere\" not found" },
    };

    [Fact]
    public async Task Manifests_with_mistakes_are_refused_by_name()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var cluster = shared.Cluster;
        foreach (var row in Manifests)
        {
            var (manifest, expected) = row.Data;
            var result = await cluster.ApplyAsync(manifest, cancellation);
            Assert.NotEqual(0, result.Code);
            Assert.Contains(expected, result.Errors, StringComparison.Ordinal);
            Assert.Single(result.Errors.TrimEnd().Split('\n'));
        }

        Assert.Empty(await cluster.GetAsync(cancellation, "pods,rc"));
    }

    [Theory]
    [InlineData("plugins verify ", "modular: <dir> is empty; 'modular plugins verify --help' shows what there is")]
    [InlineData("plugins verify . --junit ", "modular: --junit is empty; 'modular plugins verify --help' shows what there is")]
    [InlineData("plugins sdk ", "modular: <folder> is empty; 'modular plugins sdk --help' shows what there is")]
    [InlineData("plugins report ", "modular: <name> is empty; 'modular plugins report --help' shows what there is")]
    [InlineData("plugins ls --data-dir ", "modular: --data-dir is empty; 'modular plugins ls --help' shows what there is")]
    [InlineData("plugins swap dns dns --timeout ", "modular: --timeout is empty; 'modular plugins swap --help' shows what there is")]
    [InlineData("up --distribution ", "modular: --distribution is empty; 'modular up --help' shows what there is")]
    [InlineData("get --color", "modular: Unrecognized option '--color'; 'modular get --help' shows what there is")]
    [InlineData("plugins swap", "modular: Required argument missing for command: 'swap'; 'modular plugins swap --help' shows what there is")]
    [InlineData("get", "modular: Required argument missing for command: 'get'; 'modular get --help' shows what there is")]
    [InlineData("describe", "modular: Required argument missing for command: 'describe'; 'modular describe --help' shows what there is")]
    [InlineData("scale --replicas=1", "modular: Required argument missing for command: 'scale'; 'modular scale --help' shows what there is")]
    [InlineData("wait --for=delete", "modular: Required argument missing for command: 'wait'; 'modular wait --help' shows what there is")]
    [InlineData("exec web", "modular: Required argument missing for command: 'exec'; 'modular exec --help' shows what there is")]
    [InlineData("nonsense", "modular: Unrecognized command or argument 'nonsense'; 'modular --help' shows what there is")]
    [InlineData("apply -f http://127.0.0.1:1/x.yaml", "modular: http://127.0.0.1:1/x.yaml is not a file; fetch it first: curl -fsSL http://127.0.0.1:1/x.yaml | modular apply -f -")]
    [InlineData("up --distribution /no/such.yaml", "modular: cannot read the distribution: Could not find a part of the path '/no/such.yaml'; name another file with --distribution")]
    public async Task A_wrong_command_line_is_answered_in_one_line(string arguments, string expected)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var directory = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"));
        var result = await CommandResult.RunAsync(
            Repository.Modular, arguments.Split(' '), "", new Dictionary<string, string> { ["MODULAR_DATA_DIR"] = directory }, cancellation);
        Assert.Equal(1, result.Code);
        Assert.Equal(expected, result.Errors.TrimEnd());
        if (Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task Down_without_a_cluster_says_so()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var directory = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"));
        var result = await CommandResult.RunAsync(
            Repository.Modular, ["down", "--data-dir", directory], "", new Dictionary<string, string>(), cancellation);
        Assert.Equal((0, $"no cluster runs in {directory}"), (result.Code, result.Output.TrimEnd()));
    }

    [Fact]
    public async Task A_swap_of_a_role_that_follows_the_file_says_so()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var cluster = shared.Cluster;
        var result = await cluster.RunAsync(cancellation, "plugins", "swap", "store", "scheduler-spread");
        Assert.Equal(1, result.Code);
        Assert.StartsWith("modular: store was not swapped: the API needs it as it is", result.Errors, StringComparison.Ordinal);
        Assert.Single(result.Errors.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task A_command_that_loses_its_cluster_says_so()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var cluster = await TestCluster.StartAsync(cancellation);
        var shared = Directory.CreateTempSubdirectory("modular-e2e-shared-").FullName;
        (await cluster.ApplyAsync($$$"""
            apiVersion: v1
            kind: Pod
            metadata: {name: p}
            spec:
              volumes: [{name: shared, hostPath: {path: {{{shared}}}}}]
              containers: [{name: a, image: host, command: [sleep, infinity], volumeMounts: [{name: shared, mountPath: /shared}]}]
            """, cancellation)).MustSucceed();
        await cluster.WaitAsync("pod/p", "condition=Ready", cancellation);
        var exec = cluster.RunAsync(cancellation, "exec", "p", "--", "sh", "-c", "touch $VOLUME_SHARED/runs; sleep infinity");
        while (!File.Exists(Path.Combine(shared, "runs")))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), cancellation);
        }

        Directory.Delete(shared, recursive: true);

        System.Diagnostics.Process.GetProcessById(cluster.HostPid).Kill();
        var result = await exec;
        Assert.Equal(1, result.Code);
        Assert.StartsWith("modular: the connection was lost before the command ended", result.Errors, StringComparison.Ordinal);
        Assert.Single(result.Errors.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task What_would_wait_forever_is_refused()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var cluster = shared.Cluster;
        var wait = await cluster.RunAsync(cancellation, "wait", "pod/none", "--for=condition=Ready", "--timeout=1h");
        Assert.Equal((1, "Error from server (NotFound): pods \"none\" not found"), (wait.Code, wait.Errors.TrimEnd()));
        var watch = await cluster.RunAsync(cancellation, "get", "pods", "a", "b", "-w");
        Assert.Equal((1, "modular: -w watches one object or one type at a time; name one"), (watch.Code, watch.Errors.TrimEnd()));
    }

    [Fact]
    public async Task An_exec_into_a_pod_that_has_ended_says_so()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var cluster = shared.Cluster;
        (await cluster.ApplyAsync("apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {restartPolicy: Never, containers: [{name: a, image: host, command: [\"true\"]}]}", cancellation)).MustSucceed();
        (await cluster.RunAsync(cancellation, "wait", "pod/p", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=3m")).MustSucceed();
        (await cluster.RunAsync(cancellation, "wait", "pod/p", "--for=jsonpath={.status.containerStatuses[0].restartCount}=0")).MustSucceed();
        var unknown = await cluster.RunAsync(cancellation, "wait", "pod/p", "--for=jsonpath={.status.conditions[?(@.type)]}=0");
        Assert.Equal(1, unknown.Code);
        Assert.Contains("only members and indices are understood", unknown.Errors, StringComparison.Ordinal);
        var result = await cluster.RunAsync(cancellation, "exec", "p", "--", "true");
        Assert.Equal((1, "Error from server (BadRequest): container a of pod p is not running"), (result.Code, result.Errors.TrimEnd()));
        await cluster.Api.DeleteAsync("pod", "p", cancellation);
    }

    [Fact]
    public async Task An_occupied_port_is_named_with_the_way_out()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var first = shared.Cluster;
        await using var second = new TestCluster();
        var result = await second.RunAsync(cancellation, "up", "--detach", "--listen", $"127.0.0.1:{first.Port}");
        Assert.NotEqual(0, result.Code);
        Assert.Contains($"127.0.0.1:{first.Port}", result.Errors, StringComparison.Ordinal);
        Assert.Contains("--listen", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_authority_is_named_with_the_way_out()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var cluster = new TestCluster();
        var pki = Directory.CreateDirectory(Path.Combine(cluster.DataDirectory, "pki")).FullName;
        await File.WriteAllTextAsync(Path.Combine(pki, "ca.crt"), "no certificate", cancellation);
        await File.WriteAllTextAsync(Path.Combine(pki, "ca.key"), "no key", cancellation);
        var result = await cluster.UpAsync(cancellation);
        Assert.Equal(1, result.Code);
        Assert.Contains("restore them from a copy", result.Errors, StringComparison.Ordinal);
        Assert.Single(result.Errors.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task A_second_cluster_in_the_same_directory_is_refused()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var cluster = shared.Cluster;
        var result = await cluster.UpAsync(cancellation);
        Assert.NotEqual(0, result.Code);
        Assert.Contains("already runs", result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("plugins: [{name: a, plugin: b}]", "kind")]
    [InlineData("apiVersion: modular.dev/v1alpha1\nkind: Distribution\nmetadata: {name: x}\nplugins: [{name: store, plugin: no-such-plugin}]", "no-such-plugin")]
    [InlineData("apiVersion: modular.dev/v1alpha1\nkind: Distribution\nmetadata: {name: x}\nplugins: [{name: store, plugin: store-embedded}, {name: store, plugin: store-embedded}]", "store")]
    [InlineData("apiVersion: modular.dev/v1alpha1\nkind: Distribution\nmetadata: {name: x}\nplugins: [{name: store, plugin: store-embedded}, {name: other, plugin: store-embedded}, {name: resources, plugin: resources-kubernetes}, {name: auth, plugin: auth-certificate}]", "modular.store")]
    [InlineData("apiVersion: modular.dev/v1alpha1\nkind: Distribution\nmetadata: {name: x}\nplugins: [{name: resources, plugin: resources-kubernetes}]", "modular.store")]
    [InlineData("apiVersion: modular.dev/v1alpha1\nkind: Distribution\nmetadata: {name: x}\nplugins: [{name: store, plugin: store-embedded, host: node}, {name: resources, plugin: resources-kubernetes}, {name: auth, plugin: auth-certificate}]", "store: the API is made of it, so it runs in the cluster's own process; remove host: node")]
    public async Task A_distribution_that_cannot_work_is_refused_at_start(string distribution, string expected)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var cluster = new TestCluster();
        var file = Path.Combine(cluster.DataDirectory, "broken.yaml");
        await File.WriteAllTextAsync(file, distribution, cancellation);
        var result = await cluster.UpAsync(cancellation, "--distribution", file);
        Assert.NotEqual(0, result.Code);
        Assert.Contains(expected, result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_scheduler_pods_wait_and_say_why()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var cluster = new TestCluster();
        var all = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "distributions", "dev.yaml"), cancellation);
        var file = Path.Combine(cluster.DataDirectory, "headless.yaml");
        var lines = all.Split('\n').ToList();
        var at = lines.FindIndex(l => l.Contains("name: scheduler", StringComparison.Ordinal) && !l.Contains("scheduling", StringComparison.Ordinal));
        Assert.True(at >= 0);
        lines.RemoveAt(at);
        while (at < lines.Count && lines[at].StartsWith("    ", StringComparison.Ordinal))
        {
            lines.RemoveAt(at);
        }

        await File.WriteAllLinesAsync(file, lines, cancellation);
        (await cluster.UpAsync(cancellation, "--distribution", file)).MustSucceed();
        (await cluster.ApplyAsync("""
            apiVersion: v1
            kind: Pod
            metadata: {name: lonely}
            spec: {containers: [{name: main, image: host, command: [sleep, "60"]}]}
            """, cancellation)).MustSucceed();
        await cluster.WaitAsync("pod/lonely", "condition=PodScheduled=False", cancellation);
        var pod = await cluster.Api.GetAsync("pod", "lonely", cancellation);
        Assert.Contains("scheduler", pod["status"]!["conditions"]!.ToJsonString(), StringComparison.Ordinal);
    }
}
