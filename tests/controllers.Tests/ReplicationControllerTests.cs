using System.Globalization;
using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Plugins.Controllers.ReplicationControllers;
using Modular.Testing;

namespace Modular.Plugins.Controllers.Tests;

public sealed class ReplicationControllerTests : IAsyncDisposable
{
    private readonly ControllerBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task MakesPodsFromTheTemplateAndCountsThem()
    {
        await Start();
        await AddController(3);
        await Eventually.Holds(() => Mine().Count == 3 && Status().Replicas == 3, "three pods are made and counted");
        var pod = Mine()[0];
        var owner = pod.Metadata.Controller!;
        Assert.Equal(("ReplicationController", "v1", "web", true), (owner.Kind, owner.ApiVersion, owner.Name, owner.BlockOwnerDeletion));
        Assert.StartsWith("web-", pod.Metadata.Name, StringComparison.Ordinal);
        Assert.Equal("note", pod.Metadata.Annotations["kept"]);
        Assert.Equal("web", pod.Metadata.Labels["app"]);

        foreach (var each in Mine())
        {
            await MakeReady(each.Metadata.Name);
        }

        await Eventually.Holds(() => Status() is { ReadyReplicas: 3, AvailableReplicas: 3, FullyLabeledReplicas: 3, ObservedGeneration: 1 }, "status is whole");
        await Eventually.Holds(() => _bench.EventsOf("SuccessfulCreate").Count == 3, "three events");
    }

    [Fact]
    public async Task ScalesUpAndDownAndGivesUpTheLeastUsefulFirst()
    {
        await Start();
        await AddController(3);
        await Eventually.Holds(() => Mine().Count == 3, "three pods");
        var names = Mine().Select(p => p.Metadata.Name).ToList();
        await Bind(names[0]);
        await MakeReady(names[0]);
        await Bind(names[1]);
        await Scale(1);
        await Eventually.Holds(() => Mine().Count == 1, "one pod is left");
        Assert.Equal(names[0], Mine()[0].Metadata.Name);
        await Scale(4);
        await Eventually.Holds(() => Mine().Count == 4, "four pods");
        await Scale(0);
        await Eventually.Holds(() => Mine().Count == 0 && Status().Replicas == 0, "none");
    }

    [Fact]
    public async Task ReplacesAPodThatIsDeletedOrFails()
    {
        await Start();
        await AddController(2);
        await Eventually.Holds(() => Mine().Count == 2, "two pods");
        var gone = Mine()[0].Metadata.Name;
        await _bench.DeleteAsync(KubernetesResources.Pods, "shop", gone);
        await Eventually.Holds(() => Mine().Count == 2 && Mine().All(p => p.Metadata.Name != gone), "it is replaced");
        await _bench.PatchAsync(KubernetesResources.Pods, "shop", Mine()[0].Metadata.Name, """{"status":{"phase":"Failed"}}""", "status");
        await Eventually.Holds(() => Mine().Count == 3, "the failed one is replaced too");
    }

    [Fact]
    public async Task AdoptsOrphansAndReleasesWhatItNoLongerMatches()
    {
        await _bench.AddAsync(KubernetesResources.Pods, "shop", """{"metadata":{"name":"stray","labels":{"app":"web"}},"spec":{}}""");
        await Start();
        await AddController(2);
        await Eventually.Holds(() => Owner("stray") == "web" && Mine().Count == 2, "the stray is one of two");
        await _bench.PatchAsync(KubernetesResources.Pods, "shop", "stray", """{"metadata":{"labels":{"app":"debug"}}}""");
        await Eventually.Holds(() => Owner("stray") == "" && Mine().Count == 2, "it is released and replaced");
    }

    [Fact]
    public async Task LeavesPodsOfOthersAlone()
    {
        await _bench.AddAsync(KubernetesResources.Pods, "shop", """
            {"metadata":{"name":"theirs","labels":{"app":"web"},
              "ownerReferences":[{"apiVersion":"v1","kind":"ReplicationController","name":"other","uid":"u","controller":true}]},"spec":{}}
            """);
        await Start();
        await AddController(1);
        await Eventually.Holds(() => Mine().Count == 1, "one pod of its own");
        Assert.Equal("other", Owner("theirs"));
    }

    [Fact]
    public async Task MakesNoPodTwiceWhileItsInformerLags()
    {
        await Start();
        _bench.Api.HoldInformers = false;
        await AddController(1);
        await Eventually.Holds(() => Mine().Count == 1, "one pod");
        _bench.Api.HoldInformers = true;
        await _bench.DeleteAsync(KubernetesResources.Pods, "shop", Mine()[0].Metadata.Name);
        await Scale(5);
        Assert.Empty(Mine());
        _bench.Api.HoldInformers = false;
        await Eventually.Holds(() => Status() is { Replicas: 5 }, "five pods, all counted");
        Assert.Equal(6, _bench.Api.Writes.Count(w => w.StartsWith("create pods", StringComparison.Ordinal)));
    }

    [Fact]
    public void ExpectationsHoldUntilTheInformerShowsWhatWasDone()
    {
        var expectations = new Expectations(_bench.Time);
        var key = new ObjectName("shop", "web");
        var pod = Obj("""{"metadata":{"name":"p","namespace":"shop","uid":"u1"}}""");
        Assert.True(expectations.AreMet(key, _ => null));

        expectations.Begin(key);
        expectations.Created(key, pod);
        Assert.False(expectations.AreMet(key, _ => null));
        expectations.Saw(key, "u1");
        Assert.True(expectations.AreMet(key, _ => null));

        expectations.Begin(key);
        expectations.Saw(key, "u1");
        expectations.Created(key, pod);
        Assert.True(expectations.AreMet(key, _ => null));

        expectations.Begin(key);
        expectations.Deleted(key, pod);
        Assert.False(expectations.AreMet(key, _ => pod));
        Assert.True(expectations.AreMet(key, _ => null));

        expectations.Begin(key);
        expectations.Created(key, pod);
        _bench.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.True(expectations.AreMet(key, _ => null));
    }

    [Fact]
    public async Task ARefusalDoesNotCostARequestAPodAndShowsAsConditionUntilItIsOver()
    {
        var refuse = true;
        var asked = 0;
        _bench.Api.Intercept = (verb, resource, _, _) =>
        {
            if (verb == "create" && resource == KubernetesResources.Pods && refuse)
            {
                Interlocked.Increment(ref asked);
                return new ApiException(StatusReason.Forbidden, "exceeded quota");
            }

            return null;
        };
        await Start();
        await AddController(50);
        await Eventually.Holds(() => Status().Conditions is [{ Type: "ReplicaFailure", Reason: "FailedCreate", Message: "exceeded quota" }], "the condition");

        // The condition's own event wakes the controller once more; after that only its back-off does.
        Assert.InRange(asked, 1, 2);
        await Eventually.Holds(() => _bench.EventsOf("FailedCreate").Count == 1, "the event");
        refuse = false;
        await _bench.AdvanceUntil(TimeSpan.FromSeconds(1), () => Mine().Count == 50 && Status().Conditions.Count == 0, "all pods, no condition");
    }

    [Fact]
    public async Task AvailableAfterMinReadySeconds()
    {
        await Start();
        await AddController(1, minReadySeconds: 10);
        await Eventually.Holds(() => Mine().Count == 1, "one pod");
        await MakeReady(Mine()[0].Metadata.Name);
        await Eventually.Holds(() => Status() is { ReadyReplicas: 1, AvailableReplicas: 0 }, "ready, not yet available");
        await _bench.AdvanceUntil(TimeSpan.FromSeconds(10), () => Status().AvailableReplicas == 1, "available");
    }

    [Fact]
    public void GivesUpPodsInKubernetesOrder()
    {
        string[] ordered =
        [
            Pod("unassigned", node: "", phase: "Pending"),
            Pod("pending", phase: "Pending"),
            Pod("not-ready"),
            Pod("cheap", ready: "2026-01-01T00:00:00Z", cost: -5),
            Pod("ready-short", ready: "2026-01-02T00:00:00Z"),
            Pod("restarted", ready: "2026-01-01T00:00:00Z", restarts: 3),
            Pod("younger", ready: "2026-01-01T00:00:00Z", created: "2025-06-02T00:00:00Z"),
            Pod("older", ready: "2026-01-01T00:00:00Z"),
        ];
        var pods = ordered.Select(Obj).ToList();
        for (var seed = 0; seed < 20; seed++)
        {
            var shuffled = pods.ToArray();
            new Random(seed).Shuffle(shuffled);
            Array.Sort(shuffled, PodRanking.Instance);
            Assert.Equal(pods.Select(p => p.Metadata.Name), shuffled.Select(p => p.Metadata.Name));
        }
    }

    private static string Pod(
        string name, string node = "n1", string phase = "Running", string? ready = null, int cost = 0, int restarts = 0, string created = "2025-06-01T00:00:00Z") =>
        new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["creationTimestamp"] = created,
                ["annotations"] = new JsonObject { ["controller.kubernetes.io/pod-deletion-cost"] = cost.ToString(CultureInfo.InvariantCulture) },
            },
            ["spec"] = new JsonObject { ["nodeName"] = node },
            ["status"] = new JsonObject
            {
                ["phase"] = phase,
                ["conditions"] = ready is null
                    ? new JsonArray()
                    : new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = "True", ["lastTransitionTime"] = ready }),
                ["containerStatuses"] = new JsonArray(new JsonObject { ["name"] = "c", ["restartCount"] = restarts }),
            },
        }.ToJsonString();

    private static ApiObject Obj(string json)
    {
        var obj = JsonNode.Parse(json)!.AsObject();
        obj["apiVersion"] = "v1";
        obj["kind"] = "Pod";
        return new ApiObject(new GroupVersionKind("", "v1", "Pod"), ObjectEncoding.Encode(obj), 1);
    }

    private Task Start() => _bench.RunAsync(new ReplicationControllerController(_bench.Api, _bench.Events, _bench.Time));

    private Task<ApiObject> AddController(int replicas, int minReadySeconds = 0) => _bench.AddAsync(KubernetesResources.ReplicationControllers, "shop", $$"""
        {"metadata":{"name":"web"},"spec":{"replicas":{{replicas}},"minReadySeconds":{{minReadySeconds}},"selector":{"app":"web"},
          "template":{"metadata":{"labels":{"app":"web"},"annotations":{"kept":"note"} },"spec":{"containers":[{"name":"c","image":"i"}]} } } }
        """);

    private Task Scale(int replicas) =>
        _bench.PatchAsync(KubernetesResources.ReplicationControllers, "shop", "web", $$"""{"spec":{"replicas":{{replicas}} } }""");

    private Task Bind(string pod) => _bench.PatchAsync(KubernetesResources.Pods, "shop", pod, """{"spec":{"nodeName":"n1"}}""");

    private Task MakeReady(string pod) => _bench.PatchAsync(KubernetesResources.Pods, "shop", pod, $$"""
        {"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True","lastTransitionTime":"{{_bench.Time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)}}"}]} }
        """, "status");

    private List<ApiObject> Mine() =>
        [.. _bench.Pods().Where(p => p.Metadata.Controller?.Name == "web" && p.Metadata.DeletionTimestamp is null)];

    private string Owner(string pod) => _bench.Api.Peek(KubernetesResources.Pods, "shop", pod)!.Metadata.Controller?.Name ?? "";

    private ReplicationControllerStatus Status() =>
        _bench.Api.Peek(KubernetesResources.ReplicationControllers, "shop", "web")!.AsReplicationController().Status;
}
