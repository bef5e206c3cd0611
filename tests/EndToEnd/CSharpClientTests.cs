using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.LeaderElection;
using k8s.LeaderElection.ResourceLock;
using k8s.Models;

namespace Modular.EndToEnd;

/// <summary>The package KubernetesClient against a real cluster: typed calls, watches, streams and leader election.</summary>
public sealed class CSharpClientTests(SharedCluster shared) : IClassFixture<SharedCluster>, IDisposable
{
    private const string Namespace = "default";

    private readonly Kubernetes _client = new(KubernetesClientConfiguration.BuildConfigFromConfigFile(shared.Cluster.Kubeconfig));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task A_core_kind_is_created_selected_paged_changed_and_deleted()
    {
        var core = _client.CoreV1;
        foreach (var (name, color) in new[] { ("one", "red"), ("two", "red"), ("three", "blue") })
        {
            var made = await core.CreateNamespacedConfigMapAsync(ConfigMap(name, color), Namespace, cancellationToken: Token);
            Assert.Equal((name, color), (made.Name(), made.Data["color"]));
            Assert.NotNull(made.Metadata.CreationTimestamp);
        }

        Assert.Equal(HttpStatusCode.Conflict, await CodeAsync(core.CreateNamespacedConfigMapAsync(ConfigMap("one", "red"), Namespace, cancellationToken: Token)));
        Assert.Equal(["one", "two"], Names(await core.ListNamespacedConfigMapAsync(Namespace, labelSelector: "color in (red)", cancellationToken: Token)));
        Assert.Equal(["three"], Names(await core.ListConfigMapForAllNamespacesAsync(fieldSelector: "metadata.name=three", cancellationToken: Token)));
        var page = await core.ListNamespacedConfigMapAsync(Namespace, labelSelector: "color", limit: 2, cancellationToken: Token);
        Assert.Equal(2, page.Items.Count);
        var rest = await core.ListNamespacedConfigMapAsync(Namespace, labelSelector: "color", limit: 2, continueParameter: page.Metadata.ContinueProperty, cancellationToken: Token);
        Assert.Equal(["one", "three", "two"], Names(page).Concat(Names(rest)).Order(StringComparer.Ordinal));
        Assert.Null(rest.Metadata.ContinueProperty);

        var read = await core.ReadNamespacedConfigMapAsync("one", Namespace, cancellationToken: Token);
        read.Data["size"] = "4";
        var replaced = await core.ReplaceNamespacedConfigMapAsync(read, "one", Namespace, cancellationToken: Token);
        Assert.Equal("4", replaced.Data["size"]);
        Assert.Equal(HttpStatusCode.Conflict, await CodeAsync(core.ReplaceNamespacedConfigMapAsync(read, "one", Namespace, cancellationToken: Token)));
        var dry = await core.DeleteNamespacedConfigMapAsync("one", Namespace, dryRun: "All", cancellationToken: Token);
        Assert.Equal("Success", dry.Status);
        Assert.Equal(HttpStatusCode.Conflict, await CodeAsync(core.DeleteNamespacedConfigMapAsync(
            "one", Namespace, new V1DeleteOptions { Preconditions = new V1Preconditions { Uid = "another" } }, cancellationToken: Token)));
        await core.DeleteNamespacedConfigMapAsync(
            "one", Namespace, new V1DeleteOptions { Preconditions = new V1Preconditions { Uid = read.Uid() } }, cancellationToken: Token);
        Assert.Equal(HttpStatusCode.NotFound, await CodeAsync(core.ReadNamespacedConfigMapAsync("one", Namespace, cancellationToken: Token)));
        await core.DeleteCollectionNamespacedConfigMapAsync(Namespace, labelSelector: "color", cancellationToken: Token);
        Assert.Empty((await core.ListNamespacedConfigMapAsync(Namespace, labelSelector: "color", cancellationToken: Token)).Items);
    }

    [Fact]
    public async Task An_apps_and_a_batch_kind_are_patched_scaled_given_a_status_and_deleted()
    {
        var (apps, batch) = (_client.AppsV1, _client.BatchV1);
        var made = await apps.CreateNamespacedDeploymentAsync(
            new V1Deployment
            {
                Metadata = new V1ObjectMeta { GenerateName = "shop-" },
                Spec = new V1DeploymentSpec { Replicas = 0, Selector = new V1LabelSelector { MatchLabels = Labels() }, Template = Template() },
            },
            Namespace, cancellationToken: Token);
        var name = made.Name();
        Assert.StartsWith("shop-", name, StringComparison.Ordinal);
        Assert.Equal("25%", made.Spec.Strategy.RollingUpdate.MaxSurge.Value);
        (string Body, V1Patch.PatchType Type)[] patches =
        [
            ("""{"metadata":{"annotations":{"merge":"yes"}}}""", V1Patch.PatchType.MergePatch),
            ("""[{"op":"add","path":"/metadata/annotations/json","value":"yes"}]""", V1Patch.PatchType.JsonPatch),
            ("""{"spec":{"template":{"spec":{"containers":[{"name":"second","image":"host"}]}}}}""", V1Patch.PatchType.StrategicMergePatch),
        ];
        foreach (var (body, type) in patches)
        {
            await apps.PatchNamespacedDeploymentAsync(new V1Patch(body, type), name, Namespace, cancellationToken: Token);
        }

        var applied = await apps.PatchNamespacedDeploymentAsync(
            new V1Patch($$"""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"annotations":{"apply":"yes"},"name":"{{name}}"} }""", V1Patch.PatchType.ApplyPatch),
            name, Namespace, fieldManager: "tests", force: true, cancellationToken: Token);
        Assert.Equal(["apply", "json", "merge"], applied.Annotations().Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["main", "second"], applied.Spec.Template.Spec.Containers.Select(container => container.Name).Order(StringComparer.Ordinal));
        Assert.Contains(applied.Metadata.ManagedFields, owner => owner.Manager == "tests" && owner.Operation == "Apply");
        var scaled = await apps.PatchNamespacedDeploymentScaleAsync(
            new V1Patch("""{"metadata":{"annotations":{}}}""", V1Patch.PatchType.MergePatch), name, Namespace, cancellationToken: Token);
        Assert.Equal((0, "app=shop"), (scaled.Spec.Replicas, scaled.Status.Selector));
        Assert.Equal("Success", (await apps.DeleteNamespacedDeploymentAsync(name, Namespace, propagationPolicy: "Background", cancellationToken: Token)).Status);

        var job = await batch.CreateNamespacedJobAsync(
            new V1Job { Metadata = new V1ObjectMeta { Name = "once" }, Spec = new V1JobSpec { Suspend = true, Template = Template("Never") } }, Namespace, cancellationToken: Token);
        Assert.Equal(6, job.Spec.BackoffLimit);
        job.Status = new V1JobStatus { Conditions = [new V1JobCondition { Type = "Tried", Status = "True" }] };
        job.Spec.Suspend = false;
        var status = await batch.ReplaceNamespacedJobStatusAsync(job, "once", Namespace, cancellationToken: Token);
        Assert.Equal(("Tried", true), (Assert.Single(status.Status.Conditions).Type, status.Spec.Suspend));
        Assert.Equal("Tried", Assert.Single((await batch.ReadNamespacedJobStatusAsync("once", Namespace, cancellationToken: Token)).Status.Conditions).Type);
        await batch.DeleteNamespacedJobAsync("once", Namespace, gracePeriodSeconds: 0, propagationPolicy: "Background", cancellationToken: Token);
    }

    /// <summary>Of most kinds a deletion is answered with a Status, of some with the object, and a typed client can read only the one it expects.</summary>
    [Fact]
    public async Task Deletions_are_answered_with_what_the_client_reads()
    {
        var expected = typeof(CoreV1OperationsExtensions).Assembly.GetTypes()
            .Where(type => type.Name.EndsWith("V1OperationsExtensions", StringComparison.Ordinal))
            .SelectMany(type => type.GetMethods())
            .Where(method => method.Name.StartsWith("Delete", StringComparison.Ordinal) && typeof(IKubernetesObject<V1ObjectMeta>).IsAssignableFrom(method.ReturnType))
            .Select(method => $"{method.DeclaringType!.Name.Replace("OperationsExtensions", "", StringComparison.Ordinal)}.{method.Name["Delete".Length..].Replace("Namespaced", "", StringComparison.Ordinal)}");
        using var http = ClusterHttp.Create(shared.Cluster.Kubeconfig, shared.Cluster.Port);
        var paths = (await new JsonRequests(http, Token).GetAsync("/openapi/v2"))["paths"]!.AsObject();
        var answered = paths.Where(path => path.Key.EndsWith("/{name}", StringComparison.Ordinal)).Select(path => path.Value!["delete"]).OfType<JsonNode>()
            .Where(operation => !((string)operation["responses"]!["200"]!["schema"]!["$ref"]!).EndsWith(".Status", StringComparison.Ordinal))
            .Select(operation => operation["x-kubernetes-group-version-kind"]!)
            .Select(kind => $"{Group((string)kind["group"]!)}{((string)kind["version"]!).ToUpperInvariant()}.{(string)kind["kind"]!}");
        Assert.Equal(expected.Order(StringComparer.Ordinal), answered.Order(StringComparer.Ordinal));

        static string Group(string group) => group.Length == 0 ? "Core" : char.ToUpperInvariant(group[0]) + group[1..].Split('.')[0];
    }

    [Fact]
    public async Task Watches_go_on_from_a_list_with_typed_events()
    {
        var core = _client.CoreV1;
        await core.CreateNamespacedConfigMapAsync(ConfigMap("seen", "green"), Namespace, cancellationToken: Token);
        var list = await core.ListNamespacedConfigMapAsync(Namespace, labelSelector: "color=green", cancellationToken: Token);
        var known = list.Items.ToDictionary(item => item.Name(), item => item.ResourceVersion());
        Assert.Equal(["seen"], known.Keys);
        await core.CreateNamespacedConfigMapAsync(ConfigMap("later", "green"), Namespace, cancellationToken: Token);
        await core.PatchNamespacedConfigMapAsync(new V1Patch("""{"data":{"size":"2"}}""", V1Patch.PatchType.MergePatch), "seen", Namespace, cancellationToken: Token);
        await core.PatchNamespacedConfigMapAsync(
            new V1Patch("""{"metadata":{"labels":{"color":null}}}""", V1Patch.PatchType.MergePatch), "later", Namespace, cancellationToken: Token);
        await core.DeleteNamespacedConfigMapAsync("seen", Namespace, cancellationToken: Token);

        // What happened between the list and the watch is not lost, and an object that is not selected any more is gone.
        var events = new List<string>();
        await foreach (var (type, item) in core.WatchListNamespacedConfigMapAsync(
            Namespace, labelSelector: "color=green", resourceVersion: list.ResourceVersion(), cancellationToken: Token))
        {
            events.Add($"{type} {item.Name()} {(item.Data.TryGetValue("size", out var size) ? size : "")}");
            if (events.Count == 4)
            {
                break;
            }
        }

        Assert.Equal(["Added later ", "Modified seen 2", "Deleted later ", "Deleted seen 2"], events);
        await core.DeleteNamespacedConfigMapAsync("later", Namespace, cancellationToken: Token);
    }

    [Fact]
    public async Task Exec_and_logs_are_streams()
    {
        await _client.CoreV1.CreateNamespacedPodAsync(
            new V1Pod
            {
                Metadata = new V1ObjectMeta { Name = "talker" },
                Spec = new V1PodSpec
                {
                    TerminationGracePeriodSeconds = 0,
                    Containers = [new V1Container { Name = "main", Image = "host", Command = ["sh", "-c", "n=0; while true; do n=$((n+1)); echo line $n; sleep 0.1; done"] }],
                },
            },
            Namespace, cancellationToken: Token);
        await foreach (var (_, pod) in _client.CoreV1.WatchListNamespacedPodAsync(Namespace, fieldSelector: "metadata.name=talker", cancellationToken: Token))
        {
            if (pod.Status.Phase == "Running")
            {
                break;
            }
        }

        await using (var log = await _client.CoreV1.ReadNamespacedPodLogAsync("talker", Namespace, follow: true, cancellationToken: Token))
        {
            using var reader = new StreamReader(log);
            for (var number = 1; number <= 5; number++)
            {
                Assert.Equal($"line {number}", await reader.ReadLineAsync(Token));
            }
        }

        string[] command = ["sh", "-c", "read word; echo got $word; echo also >&2; exit 3"];
        var (output, errors) = ("", "");
        var code = await _client.NamespacedPodExecAsync(
            "talker", Namespace, "main", command, tty: false,
            async (stdin, stdout, stderr) =>
            {
                await stdin.WriteAsync(Encoding.UTF8.GetBytes("sesame\n"), Token);
                using var outputs = new StreamReader(stdout);
                using var problems = new StreamReader(stderr);
                output = await outputs.ReadLineAsync(Token);
                errors = await problems.ReadLineAsync(Token);
            },
            Token);
        Assert.Equal(("got sesame", "also", 3), (output, errors, code));
        using (var socket = await _client.WebSocketNamespacedPodAttachAsync("talker", Namespace, "main", stdin: false, stdout: true, stderr: true, cancellationToken: Token))
        {
            using var attached = new StreamDemuxer(socket);
            attached.Start();
            using var reader = new StreamReader(attached.GetStream(ChannelIndex.StdOut, null));
            var first = int.Parse((await reader.ReadLineAsync(Token))!.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
            Assert.Equal($"line {first + 1}", await reader.ReadLineAsync(Token));
            // It begins where the container is by now.
            Assert.True(first > 5);
        }

        await _client.CoreV1.DeleteNamespacedPodAsync("talker", Namespace, cancellationToken: Token);
    }

    [Fact]
    public async Task One_candidate_leads_and_the_other_follows_when_it_ends()
    {
        using var first = new Candidate(_client, "first");
        Assert.Equal("first", await first.Leading.WaitAsync(Token));
        using var second = new Candidate(_client, "second");
        Assert.Equal("first", await second.Seen.WaitAsync(Token));
        Assert.False(second.Leading.IsCompleted);
        Assert.Equal("first", (await _client.CoordinationV1.ReadNamespacedLeaseAsync("lead", Namespace, cancellationToken: Token)).Spec.HolderIdentity);
        await first.EndAsync();
        Assert.Equal("second", await second.Leading.WaitAsync(Token));
        var lease = await _client.CoordinationV1.ReadNamespacedLeaseAsync("lead", Namespace, cancellationToken: Token);
        Assert.Equal(("second", 1), (lease.Spec.HolderIdentity, lease.Spec.LeaseTransitions));
        await second.EndAsync();
    }

    private static V1ConfigMap ConfigMap(string name, string color) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, Labels = new Dictionary<string, string> { ["color"] = color } },
        Data = new Dictionary<string, string> { ["color"] = color },
    };

    private static Dictionary<string, string> Labels() => new() { ["app"] = "shop" };

    private static V1PodTemplateSpec Template(string? restartPolicy = null) => new()
    {
        Metadata = new V1ObjectMeta { Labels = Labels() },
        Spec = new V1PodSpec { RestartPolicy = restartPolicy, Containers = [new V1Container { Name = "main", Image = "host" }] },
    };

    private static IEnumerable<string> Names(V1ConfigMapList list) => list.Items.Select(item => item.Name());

    private static async Task<HttpStatusCode> CodeAsync<T>(Task<T> call) => (await Assert.ThrowsAsync<HttpOperationException>(() => call)).Response.StatusCode;

    /// <summary>One who would lead.</summary>
    private sealed class Candidate : IDisposable
    {
        private readonly TaskCompletionSource<string> _leading = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource<string> _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly CancellationTokenSource _end = new();
        private readonly LeaderElector _elector;
        private readonly Task _running;

        public Candidate(IKubernetes client, string identity)
        {
            _elector = new LeaderElector(new LeaderElectionConfig(new LeaseLock(client, Namespace, "lead", identity))
            {
                LeaseDuration = TimeSpan.FromSeconds(2),
                RenewDeadline = TimeSpan.FromSeconds(1.5),
                RetryPeriod = TimeSpan.FromMilliseconds(200),
            });
            _elector.OnStartedLeading += () => _leading.TrySetResult(identity);
            _elector.OnNewLeader += leader => _seen.TrySetResult(leader);
            _running = _elector.RunAndTryToHoldLeadershipForeverAsync(_end.Token);
        }

        /// <summary>Ends with its name when it leads.</summary>
        public Task<string> Leading => _leading.Task;

        /// <summary>Ends with the first leader that it sees.</summary>
        public Task<string> Seen => _seen.Task;

        public async Task EndAsync()
        {
            await _end.CancelAsync();
            try
            {
                await _running;
            }
            catch (OperationCanceledException)
            {
                // That is how it ends.
            }
        }

        public void Dispose()
        {
            _elector.Dispose();
            _end.Dispose();
        }
    }
}
