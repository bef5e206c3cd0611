namespace Modular.EndToEnd;

/// <summary>The real kubectl against a real cluster: what a Kubernetes user types first.</summary>
public sealed partial class KubectlTests(SharedCluster shared) : IClassFixture<SharedCluster>
{
    private const string Controller = """
        apiVersion: v1
        kind: ReplicationController
        metadata: {name: shop, labels: {app: shop}}
        spec:
          replicas: 2
          selector: {app: shop}
          template:
            metadata: {labels: {app: shop}}
            spec:
              terminationGracePeriodSeconds: 2
              containers:
              - name: main
                image: host
                command: [sh, -c, "trap 'exit 0' TERM; echo hello from $MY_IP; while true; do sleep 1 & wait $!; done"]
                env: [{name: MY_IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private TestCluster Cluster => shared.ForKubectl;

    [Fact]
    public async Task Kubectl_applies_reads_changes_and_deletes()
    {
        Assert.Contains("replicationcontroller/shop created", await ApplyAsync(Controller), StringComparison.Ordinal);
        Assert.Contains("replicationcontroller/shop unchanged", await ApplyAsync(Controller), StringComparison.Ordinal);
        Assert.Contains("condition met", await KubectlAsync("wait", "rc/shop", "--for=jsonpath={.status.readyReplicas}=2", "--timeout=3m"), StringComparison.Ordinal);

        var wide = await KubectlAsync("get", "pods", "-o", "wide", "-l", "app=shop");
        Assert.Matches(@"NAME\s+READY\s+STATUS\s+RESTARTS\s+AGE\s+IP\s+NODE", wide);
        Assert.Matches(@"shop-\w{5}\s+1/1\s+Running\s+0\s+\w+\s+(127|10)\.", wide);
        Assert.Matches(@"shop\s+2\s+2\s+2", await KubectlAsync("get", "rc"));

        var pod = (await KubectlAsync("get", "pods", "-l", "app=shop", "-o", "name")).Split('\n')[0];
        var address = await KubectlAsync("get", pod, "-o", "jsonpath={.status.podIP}");
        await UntilAsync("hello", "logs", pod);
        Assert.Equal($"hello from {address}\n", await KubectlAsync("logs", pod));
        Assert.Contains("Controlled By:", await KubectlAsync("describe", pod), StringComparison.Ordinal);
        await UntilAsync("Started", "describe", pod);
        Assert.Equal("said\n", await KubectlAsync("exec", pod, "--", "echo", "said"));
        var failing = await Cluster.KubectlAsync(Cancellation, "exec", pod, "--", "sh", "-c", "exit 7");
        Assert.Equal(7, failing.Code);
        var piped = await Cluster.KubectlAsync("through the pipe", Cancellation, "exec", "-i", pod, "--", "cat");
        Assert.Equal("through the pipe", piped.MustSucceed().Output);

        Assert.Contains("scaled", await KubectlAsync("scale", "rc", "shop", "--replicas=3"), StringComparison.Ordinal);
        await KubectlAsync("wait", "rc/shop", "--for=jsonpath={.status.readyReplicas}=3", "--timeout=3m");
        Assert.Contains("labeled", await KubectlAsync("label", pod, "seen=yes"), StringComparison.Ordinal);
        Assert.Contains("patched", await KubectlAsync("patch", "rc", "shop", "-p", """{"spec":{"replicas":1}}"""), StringComparison.Ordinal);
        Assert.Contains("deleted", await KubectlAsync("delete", "rc", "shop"), StringComparison.Ordinal);
        await KubectlAsync("wait", "pods", "-l", "app=shop", "--for=delete", "--timeout=3m");
    }

    [Fact]
    public async Task Kubectl_knows_the_resources_and_explains_their_fields()
    {
        var resources = await KubectlAsync("api-resources");
        foreach (var kind in (string[])["Pod", "ReplicationController", "Service", "Endpoints", "Node", "Namespace", "Event", "ConfigMap", "Secret",
            "ServiceAccount", "Lease", "EndpointSlice", "Plugin"])
        {
            Assert.Matches($@"\s{kind}\s", resources);
        }

        var explained = await KubectlAsync("explain", "pod.spec.containers");
        Assert.Contains("KIND:       Pod", explained, StringComparison.Ordinal);
        Assert.Matches(@"livenessProbe\s+<Probe>", explained);
        var missing = await Cluster.KubectlAsync(Cancellation, "explain", "pod.spec.nothing");
        Assert.Contains("field \"nothing\" does not exist", missing.Errors, StringComparison.Ordinal);
    }

    /// <summary>Calls through kubectl's typed clients, which send protobuf and know no other way.</summary>
    [Fact]
    public async Task Kubectl_creates_by_its_typed_clients()
    {
        var spoken = (await Cluster.KubectlAsync(Cancellation, "create", "namespace", "typed", "-v=9")).MustSucceed();
        Assert.Equal("namespace/typed created\n", spoken.Output);
        Assert.Contains("-H \"Content-Type: application/vnd.kubernetes.protobuf\"", spoken.Errors, StringComparison.Ordinal);
        Assert.Equal("configmap/settings created\n", await KubectlAsync("create", "configmap", "settings", "-n", "typed", "--from-literal=color=red"));
        Assert.Equal("secret/key created\n", await KubectlAsync("create", "secret", "generic", "key", "-n", "typed", "--from-literal=word=sesame"));
        Assert.Equal("service/front created\n", await KubectlAsync("create", "service", "clusterip", "front", "-n", "typed", "--tcp=80:8080"));
        Assert.Equal("serviceaccount/robot created\n", await KubectlAsync("create", "serviceaccount", "robot", "-n", "typed"));
        Assert.Equal("red", await KubectlAsync("get", "configmap", "settings", "-n", "typed", "-o", "jsonpath={.data.color}"));
        Assert.Equal("c2VzYW1l", await KubectlAsync("get", "secret", "key", "-n", "typed", "-o", "jsonpath={.data.word}"));
        Assert.Equal("80 8080 TCP ClusterIP", await KubectlAsync("get", "service", "front", "-n", "typed", "-o",
            "jsonpath={.spec.ports[0].port} {.spec.ports[0].targetPort} {.spec.ports[0].protocol} {.spec.type}"));
        var twice = await Cluster.KubectlAsync(Cancellation, "create", "namespace", "typed");
        Assert.Contains("namespaces \"typed\" already exists", twice.Errors, StringComparison.Ordinal);
        var wrong = await Cluster.KubectlAsync(Cancellation, "create", "configmap", "Not_A_Name", "-n", "typed");
        Assert.Contains("Invalid value: \"Not_A_Name\"", wrong.Errors, StringComparison.Ordinal);
        await KubectlAsync("delete", "namespace", "typed");
    }

    [Fact]
    public async Task Kubectl_is_told_which_field_is_wrong()
    {
        var unknown = await Cluster.KubectlAsync(
            """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"},"spec":{"containers":[{"name":"a","image":"host"}],"nodeSelektor":{}}}""",
            Cancellation, "apply", "-f", "-");
        Assert.NotEqual(0, unknown.Code);
        Assert.Contains("unknown field \"spec.nodeSelektor\"", unknown.Errors, StringComparison.Ordinal);
        var dry = await Cluster.KubectlAsync(
            """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"dry"},"data":{"a":"b"}}""",
            Cancellation, "apply", "--dry-run=server", "-f", "-");
        Assert.Contains("created (server dry run)", dry.MustSucceed().Output, StringComparison.Ordinal);
        Assert.NotEqual(0, (await Cluster.KubectlAsync(Cancellation, "get", "configmap", "dry")).Code);
    }

    [Fact]
    public async Task Kubectl_follows_logs_and_watches()
    {
        await ApplyAsync("""
            apiVersion: v1
            kind: Pod
            metadata: {name: ticker}
            spec:
              restartPolicy: Never
              terminationGracePeriodSeconds: 0
              containers:
              - {name: main, image: host, command: [sh, -c, "for i in 1 2 3; do echo tick $i; sleep 0.2; done"]}
            """);
        await KubectlAsync("wait", "pod/ticker", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=3m");
        Assert.Equal("tick 1\ntick 2\ntick 3\n", await KubectlAsync("logs", "-f", "ticker"));
        Assert.Matches(@"ticker\s+0/1\s+Completed\s+0", await KubectlAsync("get", "pod", "ticker"));
        Assert.Contains("deleted", await KubectlAsync("delete", "pod", "ticker"), StringComparison.Ordinal);
    }

    private async Task<string> ApplyAsync(string manifest) =>
        (await Cluster.KubectlAsync(manifest, Cancellation, "apply", "-f", "-")).MustSucceed().Output;

    /// <summary>Waits for what comes after the state that was waited for: what a container says, and events.</summary>
    private async Task UntilAsync(string text, params string[] arguments)
    {
        while (!(await KubectlAsync(arguments)).Contains(text, StringComparison.Ordinal))
        {
            await Task.Delay(50, Cancellation);
        }
    }

    private async Task<string> KubectlAsync(params string[] arguments) =>
        (await Cluster.KubectlAsync(Cancellation, arguments)).MustSucceed().Output;
}
