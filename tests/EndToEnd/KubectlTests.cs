namespace Modular.EndToEnd;

/// <summary>The real kubectl against a real cluster: what a Kubernetes user types first.</summary>
public sealed partial class KubectlTests(SharedCluster shared) : IClassFixture<SharedCluster>, IDisposable
{
    private readonly ReservedPort _port = new();
    private readonly ReservedPort _local = new();

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

    public void Dispose()
    {
        _port.Dispose();
        _local.Dispose();
    }

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
        Assert.Contains("DESCRIPTION:\n    List of containers", explained, StringComparison.Ordinal);
        Assert.Matches(@"-required-\n +Name of the container", await KubectlAsync("explain", "pod.spec.containers", "--output=plaintext-openapiv2"));
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
    public async Task Kubectl_lists_the_components()
    {
        Assert.Matches(@"^NAME +STATUS +MESSAGE +ERROR *\n", await KubectlAsync("get", "cs"));
        Assert.Matches(@"^store +Healthy +ok *\n$", await KubectlAsync("get", "cs", "store", "--no-headers"));
        Assert.Equal("Healthy=True", await KubectlAsync("get", "cs", "store", "-o", "jsonpath={.conditions[0].type}={.conditions[0].status}"));
    }

    [Fact]
    public async Task Kubectl_asks_who_it_is_and_what_it_may()
    {
        Assert.Equal("yes\n", await KubectlAsync("auth", "can-i", "create", "deployments.apps"));
        Assert.Matches(@"\*\.\*\s+\[\]\s+\[\]\s+\[\*\]", await KubectlAsync("auth", "can-i", "--list"));
        Assert.Matches(@"Groups\s+\[system:masters system:authenticated\]", await KubectlAsync("auth", "whoami"));
        Assert.Equal("no\n", (await Cluster.KubectlAsync(Cancellation, "auth", "can-i", "create", "pods", "--as=bob")).Output);
        Assert.Matches(@"Username\s+bob", await KubectlAsync("auth", "whoami", "--as=bob", "--as-group=staff"));
        var table = await Cluster.KubectlAsync(
            """{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":{"verb":"get","resource":"pods"}}}""",
            Cancellation, "create", "-f", "-", "-o", "jsonpath={.status.allowed}");
        Assert.Equal("true", table.MustSucceed().Output);
    }

    [Fact]
    public async Task Kubectl_speaks_other_versions_than_the_stored_one()
    {
        await KubectlAsync("create", "deployment", "wide", "--image=host");
        Assert.Contains("autoscaled", await KubectlAsync("autoscale", "deployment", "wide", "--max=5", "--cpu-percent=70"), StringComparison.Ordinal);
        const string Older = "horizontalpodautoscalers.v1.autoscaling";
        Assert.Equal("70", await KubectlAsync("get", Older, "wide", "-o", "jsonpath={.spec.targetCPUUtilizationPercentage}"));
        await KubectlAsync("patch", Older, "wide", "--type=merge", "-p", """{"spec":{"targetCPUUtilizationPercentage":33}}""");
        Assert.Matches(@"wide\s+Deployment/wide\s+cpu: <unknown>/33%\s+1\s+5\s+0", await KubectlAsync("get", "hpa"));
        Assert.Contains("deleted", await KubectlAsync("delete", Older, "wide"), StringComparison.Ordinal);
        await KubectlAsync("delete", "deployment", "wide");

        await Cluster.KubectlAsync(
            """{"apiVersion":"v1","kind":"Event","metadata":{"name":"seen"},"involvedObject":{"kind":"Pod","name":"p","namespace":"default"},"reason":"Seen","message":"it was seen","type":"Normal"}""",
            Cancellation, "create", "-f", "-");
        Assert.Equal("it was seen", await KubectlAsync("get", "events.v1.events.k8s.io", "--field-selector=reason=Seen", "-o", "jsonpath={.items[*].note}"));
        Assert.Matches(@"Normal\s+Seen\s+Pod/p\s+it was seen", await KubectlAsync("events"));
    }

    [Fact]
    public async Task Kubectl_changes_parts_of_a_pod_and_drains_its_node()
    {
        await ApplyAsync("""
            apiVersion: v1
            kind: Pod
            metadata: {name: evictee, labels: {app: evictee}}
            spec:
              terminationGracePeriodSeconds: 0
              containers:
              - {name: main, image: host, command: [sleep, "1000"], resources: {requests: {cpu: 10m}}}
            ---
            apiVersion: policy/v1
            kind: PodDisruptionBudget
            metadata: {name: none}
            spec: {minAvailable: 1, selector: {matchLabels: {app: evictee}}}
            """);
        await KubectlAsync("wait", "pod/evictee", "--for=condition=Ready", "--timeout=3m");
        await KubectlAsync("patch", "pod", "evictee", "--subresource=resize", "-p", """{"spec":{"containers":[{"name":"main","resources":{"requests":{"cpu":"20m"}}}]}}""");
        await KubectlAsync("debug", "evictee", "--image=host", "-c", "look", "--profile=general", "--", "true");
        Assert.Equal("20m look", await KubectlAsync("get", "pod", "evictee", "-o", "jsonpath={.spec.containers[0].resources.requests.cpu} {.spec.ephemeralContainers[*].name}"));

        var refused = await Cluster.KubectlAsync(
            """{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"evictee","namespace":"default"}}""",
            Cancellation, "create", "--raw", "/api/v1/namespaces/default/pods/evictee/eviction", "-f", "-");
        Assert.Contains("Cannot evict pod as it would violate the pod's disruption budget", refused.Errors, StringComparison.Ordinal);
        await KubectlAsync("delete", "pdb", "none");
        var node = await KubectlAsync("get", "nodes", "-o", "name");
        Assert.Contains("pod/evictee evicted", await KubectlAsync("drain", node.Trim(), "--force", "--pod-selector=app=evictee", "--timeout=2m"), StringComparison.Ordinal);
        Assert.Contains("uncordoned", await KubectlAsync("uncordon", node.Trim()), StringComparison.Ordinal);
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

    [Fact]
    public async Task Kubectl_reaches_servers_in_pods_through_the_API()
    {
        await ApplyAsync($$$"""
            apiVersion: v1
            kind: Pod
            metadata: {name: front, labels: {app: front}}
            spec:
              terminationGracePeriodSeconds: 0
              containers:
              - name: main
                image: modular
                args: [web, --port, "{{{_port.Number}}}", --text, through the API]
                ports: [{name: http, containerPort: {{{_port.Number}}}}]
                readinessProbe: {httpGet: {path: /, port: http}, periodSeconds: 1}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: front}
            spec: {selector: {app: front}, ports: [{name: web, port: 80, targetPort: http}]}
            """);
        await KubectlAsync("wait", "pod/front", "--for=condition=Ready", "--timeout=3m");
        await KubectlAsync("wait", "endpoints/front", "--for=jsonpath={.subsets[0].addresses[0].ip}", "--timeout=3m");
        foreach (var server in (string[])["pods/front", "pods/front:http", "services/front:web", "services/http:front:80"])
        {
            Assert.Contains("through the API", await KubectlAsync("get", "--raw", $"/api/v1/namespaces/default/{server}/proxy/"), StringComparison.Ordinal);
        }

        var node = await KubectlAsync("get", "pod", "front", "-o", "jsonpath={.spec.nodeName}");
        Assert.Equal("ok", await KubectlAsync("get", "--raw", $"/api/v1/nodes/{node}/proxy/healthz"));
        var none = await Cluster.KubectlAsync(Cancellation, "get", "--raw", "/api/v1/namespaces/default/services/front:other/proxy/");
        Assert.Contains("no endpoints available for service \"front\"", none.Errors, StringComparison.Ordinal);

        foreach (var tunnelled in (string[])["true", "false"])
        {
            // The port is one of this test's own: on a free one that kubectl found another test might listen at once.
            await using var forward = RunningCommand.Start(
                "kubectl",
                new Dictionary<string, string> { ["KUBECONFIG"] = Cluster.Kubeconfig, ["KUBECTL_PORT_FORWARD_WEBSOCKETS"] = tunnelled },
                "port-forward", "service/front", $"{_local.Number}:80");
            await forward.LineAsync(line => line.StartsWith($"Forwarding from 127.0.0.1:{_local.Number}", StringComparison.Ordinal), Cancellation);
            using var client = new HttpClient();
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => client.GetStringAsync($"http://127.0.0.1:{_local.Number}/", Cancellation)));
            Assert.All(answers, answer => Assert.Contains("through the API", answer, StringComparison.Ordinal));
        }

        await KubectlAsync("delete", "pod/front", "service/front");
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
