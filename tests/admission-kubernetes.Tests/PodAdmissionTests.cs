using System.Text.Json.Nodes;

namespace Modular.Plugins.AdmissionKubernetes.Tests;

/// <summary>What a pod gets when it is created: priority, runtime class, service account.</summary>
public sealed class PodAdmissionTests : IAsyncLifetime
{
    private AdmissionCluster _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await AdmissionCluster.StartAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task APriorityComesFromItsClass()
    {
        await AddClass("high", """{"value":1000,"preemptionPolicy":"Never"}""");
        var pod = await _cluster.CreatePodAsync("default", """{"priorityClassName":"high"}""");
        Assert.Equal((1000, "Never"), (pod.GetInt64("spec.priority"), pod.GetString("spec.preemptionPolicy")));
        Assert.Equal(
            "pods \"p\" is forbidden: no PriorityClass with name low was found", (await _cluster.RefusedPodAsync("default", """{"priorityClassName":"low"}""")).Message);
        Assert.Equal(
            "pods \"p\" is forbidden: the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 1000 from the given PriorityClass name",
            (await _cluster.RefusedPodAsync("default", """{"priorityClassName":"high","priority":5}""")).Message);
        var refused = await _cluster.RefusedPodAsync("default", """{"priorityClassName":"high","preemptionPolicy":"PreemptLowerPriority"}""");
        Assert.Equal((403, "p", "pods"), (refused.Code, refused.Name, refused.Kind));
        Assert.Contains("the string value of PreemptionPolicy (PreemptLowerPriority) must not be provided", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task APodWithoutClassHasTheDefaultOneIfThereIsOne()
    {
        var without = await _cluster.CreatePodAsync("default", "{}", "without");
        Assert.Equal((0, "PreemptLowerPriority", null), Priority(without));
        await AddClass("usual", """{"value":7,"globalDefault":true}""");
        Assert.Equal((7, "PreemptLowerPriority", "usual"), Priority(await Try("{}")));
        Assert.Equal(
            "priorityclasses.scheduling.k8s.io \"other\" is forbidden: PriorityClass usual is already marked as default. Only one default can exist",
            (await _cluster.RefusedAsync(KubernetesResources.PriorityClasses, "", """{"metadata":{"name":"other"},"value":8,"globalDefault":true}""")).Message);
    }

    [Fact]
    public async Task ThePrioritiesOfTheSystemAreThereAndComeBack()
    {
        await _cluster.Holds(async () => await ValueOf("system-cluster-critical") == 2_000_000_000 && await ValueOf("system-node-critical") == 2_000_001_000, "both exist");
        await _cluster.Api.DeleteAsync(
            new ResourceName(KubernetesResources.PriorityClasses, "", "system-node-critical"), new DeleteOptions(), TestContext.Current.CancellationToken);
        await _cluster.Holds(async () => await ValueOf("system-node-critical") == 2_000_001_000, "it is made again");
    }

    [Fact]
    public async Task ClaimsAreHeldWhileTheyAreInUse()
    {
        await _cluster.Api.CreateAsync(
            KubernetesResources.PersistentVolumeClaims,
            "default",
            JsonNode.Parse("""{"metadata":{"name":"data","finalizers":["example.org/mine"]},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}""")!.AsObject(),
            TestContext.Current.CancellationToken);
        var claim = await _cluster.GetAsync(KubernetesResources.PersistentVolumeClaims, "default", "data");
        Assert.Equal("""["example.org/mine","kubernetes.io/pvc-protection"]""", claim["metadata"]!["finalizers"]!.ToJsonString());
    }

    [Fact]
    public async Task APodThatIsReplacedByWhatItOnceWasKeepsItsPriority()
    {
        await AddClass("high", """{"value":1000}""");
        await _cluster.CreatePodAsync("default", """{"priorityClassName":"high"}""");
        var pod = await _cluster.GetAsync(KubernetesResources.Pods, "default", "p");
        pod.RemovePath("spec.priority");
        pod.RemovePath("spec.preemptionPolicy");
        pod.Set("metadata.labels", new JsonObject { ["a"] = "b" });
        var name = new ResourceName(KubernetesResources.Pods, "default", "p");
        var updated = (await _cluster.Api.UpdateAsync(name, pod, "", TestContext.Current.CancellationToken)).ToJsonObject();
        Assert.Equal(1000, updated.GetInt64("spec.priority"));
    }

    [Fact]
    public async Task ARuntimeClassBringsOverheadAndAPlace()
    {
        await _cluster.CreateAsync(KubernetesResources.RuntimeClasses, "", """
            {"metadata":{"name":"kata"},"handler":"kata","overhead":{"podFixed":{"cpu":"250m","memory":"64Mi"}},
              "scheduling":{"nodeSelector":{"runtime":"kata"},"tolerations":[{"key":"kata","operator":"Exists","effect":"NoSchedule"}]}}
            """);
        var pod = await Try("""{"runtimeClassName":"kata","nodeSelector":{"disk":"ssd"},"tolerations":[{"key":"own","operator":"Exists"}]}""");
        Assert.Equal("""{"cpu":"250m","memory":"64Mi"}""", pod.Get("spec.overhead")!.ToJsonString());
        Assert.Equal("""{"disk":"ssd","runtime":"kata"}""", pod.Get("spec.nodeSelector")!.ToJsonString());
        Assert.Equal(["own", "kata"], pod.Objects("spec.tolerations").Take(2).Select(t => t.GetString("key")));

        Assert.Equal("pods \"p\" is forbidden: pod rejected: RuntimeClass \"gvisor\" not found", (await _cluster.RefusedPodAsync("default", """{"runtimeClassName":"gvisor"}""")).Message);
        Assert.Contains(
            "conflict: runtimeClass.scheduling.nodeSelector[runtime] = kata; pod.spec.nodeSelector[runtime] = runc",
            (await _cluster.RefusedPodAsync("default", """{"runtimeClassName":"kata","nodeSelector":{"runtime":"runc"}}""")).Message, StringComparison.Ordinal);
        Assert.Contains(
            "Pod's Overhead doesn't match", (await _cluster.RefusedPodAsync("default", """{"runtimeClassName":"kata","overhead":{"cpu":"1"}}""")).Message, StringComparison.Ordinal);
        Assert.Contains(
            "Overhead set without corresponding RuntimeClass", (await _cluster.RefusedPodAsync("default", """{"overhead":{"cpu":"1"}}""")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "default")]
    [InlineData("""{"serviceAccountName":"robot"}""", "robot")]
    [InlineData("""{"serviceAccount":"older"}""", "older")]
    public async Task APodRunsAsAServiceAccount(string spec, string account)
    {
        var pod = await _cluster.CreatePodAsync("default", spec);
        Assert.Equal((account, account), (pod.GetString("spec.serviceAccountName"), pod.GetString("spec.serviceAccount")));
    }

    private static (long?, string?, string?) Priority(JsonObject pod) =>
        (pod.GetInt64("spec.priority"), pod.GetString("spec.preemptionPolicy"), pod.GetString("spec.priorityClassName"));

    private Task<JsonObject> Try(string spec) => _cluster.TryCreateAsync(KubernetesResources.Pods, "default", AdmissionCluster.Pod(spec, "p"));

    private Task<JsonObject> AddClass(string name, string fields)
    {
        var json = JsonNode.Parse(fields)!.AsObject();
        json["metadata"] = new JsonObject { ["name"] = name };
        return _cluster.CreateAsync(KubernetesResources.PriorityClasses, "", json.ToJsonString());
    }

    private async Task<long?> ValueOf(string name)
    {
        var all = await _cluster.Api.ListAsync(new ResourceScope(KubernetesResources.PriorityClasses), TestContext.Current.CancellationToken);
        return all.Items.FirstOrDefault(c => c.Metadata.Name == name)?.ToJsonObject().GetInt64("value");
    }
}
