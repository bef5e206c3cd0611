using System.Text.Json.Nodes;

namespace Modular.Plugins.AdmissionKubernetes.Tests;

/// <summary>Quotas: counted by their controller, enforced by admission.</summary>
public sealed class ResourceQuotaTests : IAsyncLifetime
{
    private const string Asks = """{"containers":[{"name":"c","image":"i","resources":{"requests":{"cpu":"500m","memory":"200Mi","ephemeral-storage":"1Gi","example.com/dongle":"1"},"limits":{"cpu":"1","memory":"400Mi","example.com/dongle":"1"}}}]}""";

    // Nothing of the cluster itself is in it.
    private const string Ns = "kube-public";

    private AdmissionCluster _cluster = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _cluster = await AdmissionCluster.StartAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task APodIsCountedUntilItEnds()
    {
        await AddQuota("""
            {"hard":{"pods":"5","count/pods":"7","cpu":"1","requests.cpu":"1","limits.cpu":"2","memory":"500Mi","requests.memory":"1Gi","limits.memory":"1Gi",
              "requests.ephemeral-storage":"5Gi","requests.example.com/dongle":"3"} }
            """);
        await _cluster.CreatePodAsync(Ns, Asks);
        await Used("""
            {"count/pods":"1","cpu":"500m","limits.cpu":"1","limits.memory":"400Mi","memory":"200Mi","pods":"1","requests.cpu":"500m",
              "requests.ephemeral-storage":"1Gi","requests.example.com/dongle":"1","requests.memory":"200Mi"}
            """);
        var refused = await _cluster.RefusedPodAsync(Ns, Asks.Replace("500m", "600m", StringComparison.Ordinal));
        Assert.Equal((403, "pods \"p\" is forbidden: exceeded quota: quota, requested: cpu=600m,requests.cpu=600m, used: cpu=500m,requests.cpu=500m, limited: cpu=1,requests.cpu=1"), (refused.Code, refused.Message));
        Assert.Equal(
            "pods \"p\" is forbidden: failed quota: quota: must specify cpu for: a,b; limits.cpu for: a,b; limits.memory for: a,b; memory for: a,b; requests.cpu for: a,b; requests.memory for: a,b",
            (await _cluster.RefusedPodAsync(Ns, """{"containers":[{"name":"b","image":"i"},{"name":"a","image":"i"}]}""")).Message);

        var pod = new ResourceName(KubernetesResources.Pods, Ns, "p");
        await _cluster.Api.PatchAsync(pod, PatchType.Merge, JsonNode.Parse("""{"status":{"phase":"Succeeded"}}""")!, "status", Token);
        await Used("""
            {"count/pods":"1","cpu":"0","limits.cpu":"0","limits.memory":"0","memory":"0","pods":"0","requests.cpu":"0",
              "requests.ephemeral-storage":"0","requests.example.com/dongle":"0","requests.memory":"0"}
            """);
        await _cluster.Api.DeleteAsync(pod, new DeleteOptions(), Token);
        await _cluster.Holds(async () => (await QuotaAsync()).GetObject("status.used")!["count/pods"].AsString() == "0", "the pod is no longer counted");
    }

    [Fact]
    public async Task WritesAtTheSameTimeDoNotExceedTogetherWhatEachDoesNot()
    {
        await AddQuota("""{"hard":{"configmaps":"11"}}""");
        var results = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => TryAdd(i), Token)));
        var refusals = results.Where(r => r is not null).ToList();
        Assert.All(refusals, refusal => Assert.Contains("exceeded quota: quota, requested: configmaps=1, used: configmaps=", refusal, StringComparison.Ordinal));
        var stored = await _cluster.Api.ListAsync(new ResourceScope(KubernetesResources.ConfigMaps) { Namespace = Ns }, Token);
        Assert.Equal((11, 29), (stored.Items.Count, refusals.Count));

        await _cluster.Api.DeleteAsync(new ResourceName(KubernetesResources.ConfigMaps, Ns, stored.Items[0].Metadata.Name), new DeleteOptions(), Token);
        await _cluster.Holds(async () => await TryAdd(100) is null, "what was deleted is given back");

        async Task<string?> TryAdd(int i) =>
            (await Record.ExceptionAsync(() => _cluster.CreateAsync(KubernetesResources.ConfigMaps, Ns, $$"""{"metadata":{"name":"c{{i}}"} }""")))?.Message;
    }

    [Fact]
    public async Task WhatIsChargedAndNotStoredIsGivenBack()
    {
        await AddQuota("""{"hard":{"secrets":"5"}}""");
        await _cluster.CreateAsync(KubernetesResources.Secrets, Ns, """{"metadata":{"name":"s"}}""");
        Assert.Equal(StatusReason.AlreadyExists, (await _cluster.RefusedAsync(KubernetesResources.Secrets, Ns, """{"metadata":{"name":"s"}}""")).Reason);
        await _cluster.TryCreateAsync(KubernetesResources.Secrets, Ns, """{"metadata":{"name":"other"}}""");
        Assert.Equal("2", (await QuotaAsync()).GetObject("status.used")!["secrets"].AsString());
        await Used("""{"secrets":"1"}""");
    }

    [Fact]
    public async Task ServicesClaimsAndObjectsOfAnyKindAreCounted()
    {
        await _cluster.CreateAsync(KubernetesResources.Services, Ns, """{"metadata":{"name":"before"},"spec":{"ports":[{"port":1}]}}""");
        await AddQuota("""
            {"hard":{"services":"4","services.nodeports":"2","services.loadbalancers":"1","persistentvolumeclaims":"2","requests.storage":"10Gi","count/deployments.apps":"1",
              "gold.storageclass.storage.k8s.io/requests.storage":"4Gi","gold.storageclass.storage.k8s.io/persistentvolumeclaims":"1","resourcequotas":"1","count/nobodies.example.com":"1"} }
            """);
        await _cluster.CreateAsync(KubernetesResources.Services, Ns, """{"metadata":{"name":"node"},"spec":{"type":"NodePort","ports":[{"name":"a","port":1},{"name":"b","port":2}]}}""");
        var claim = """{"metadata":{"name":"v"},"spec":{"storageClassName":"gold","accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"3Gi"} } } }""";
        await _cluster.CreateAsync(KubernetesResources.PersistentVolumeClaims, Ns, claim);
        var deployment = """{"metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]} } } }""";
        await _cluster.CreateAsync(Deployments, Ns, deployment);
        await Used("""
            {"count/deployments.apps":"1","gold.storageclass.storage.k8s.io/persistentvolumeclaims":"1","gold.storageclass.storage.k8s.io/requests.storage":"3Gi",
              "persistentvolumeclaims":"1","requests.storage":"3Gi","resourcequotas":"1","services":"2","services.loadbalancers":"0","services.nodeports":"2"}
            """);

        var before = new ResourceName(KubernetesResources.Services, Ns, "before");
        var refused = await Assert.ThrowsAsync<ApiException>(async () => await _cluster.Api.PatchAsync(before, PatchType.Merge, JsonNode.Parse("""{"spec":{"type":"NodePort"}}""")!, "", Token));
        Assert.Equal("services \"before\" is forbidden: exceeded quota: quota, requested: services.nodeports=1, used: services.nodeports=2, limited: services.nodeports=2", refused.Message);
        await _cluster.Api.PatchAsync(before, PatchType.Merge, JsonNode.Parse("""{"metadata":{"labels":{"a":"b"}}}""")!, "", Token);
        Assert.Contains("requested: count/deployments.apps=1", (await _cluster.RefusedAsync(Deployments, Ns, deployment.Replace("\"d\"", "\"e\"", StringComparison.Ordinal))).Message, StringComparison.Ordinal);
        Assert.Contains("requested: gold.storageclass.storage.k8s.io/persistentvolumeclaims=1,gold.storageclass.storage.k8s.io/requests.storage=3Gi, used",
            (await _cluster.RefusedAsync(KubernetesResources.PersistentVolumeClaims, Ns, claim.Replace("\"v\"", "\"w\"", StringComparison.Ordinal))).Message, StringComparison.Ordinal);
        Assert.Contains("requested: resourcequotas=1", (await _cluster.RefusedAsync(KubernetesResources.ResourceQuotas, Ns, """{"metadata":{"name":"more"},"spec":{"hard":{}}}""")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"scopes":["Terminating"]}""", """{"activeDeadlineSeconds":60}""", "{}")]
    [InlineData("""{"scopes":["NotTerminating"]}""", "{}", """{"activeDeadlineSeconds":60}""")]
    [InlineData("""{"scopes":["BestEffort"]}""", "{}", Asks)]
    [InlineData("""{"scopes":["NotBestEffort"]}""", Asks, "{}")]
    [InlineData("""{"scopeSelector":{"matchExpressions":[{"scopeName":"PriorityClass","operator":"In","values":["system-node-critical"]}]}}""", """{"priorityClassName":"system-node-critical"}""", "{}")]
    [InlineData("""{"scopeSelector":{"matchExpressions":[{"scopeName":"PriorityClass","operator":"DoesNotExist"}]}}""", "{}", """{"priorityClassName":"system-node-critical"}""")]
    [InlineData("""{"scopeSelector":{"matchExpressions":[{"scopeName":"PriorityClass","operator":"NotIn","values":["system-node-critical"]}]}}""", "{}", """{"priorityClassName":"system-node-critical"}""")]
    public async Task AScopedQuotaCountsItsPodsOnly(string spec, string inside, string outside)
    {
        await _cluster.Holds(
            async () => (await _cluster.Api.ListAsync(new ResourceScope(KubernetesResources.PriorityClasses), Token)).Items.Count == 2, "the system's priorities are there");
        var quota = JsonNode.Parse(spec)!.AsObject();
        quota["hard"] = new JsonObject { ["pods"] = "1" };
        await AddQuota(quota.ToJsonString());
        await _cluster.CreatePodAsync(Ns, outside, "outside1");
        await _cluster.CreatePodAsync(Ns, outside, "outside2");
        await _cluster.CreatePodAsync(Ns, inside, "inside");
        await Used("""{"pods":"1"}""");
        Assert.Contains("exceeded quota: quota, requested: pods=1, used: pods=1, limited: pods=1", (await _cluster.RefusedPodAsync(Ns, inside)).Message, StringComparison.Ordinal);
        await _cluster.CreateAsync(KubernetesResources.ConfigMaps, Ns, """{"metadata":{"name":"c"}}""");
    }

    [Fact]
    public async Task AChangedQuotaIsCountedAnew()
    {
        await AddQuota("""{"hard":{"secrets":"5","configmaps":"5"}}""");
        var name = new ResourceName(KubernetesResources.ResourceQuotas, Ns, "quota");
        await _cluster.Api.PatchAsync(name, PatchType.Merge, JsonNode.Parse("""{"spec":{"hard":{"secrets":null,"configmaps":"0","pods":"1"}}}""")!, "", Token);
        await Used("""{"configmaps":"0","pods":"0"}""");
        Assert.Equal("""{"configmaps":"0","pods":"1"}""", (await QuotaAsync()).GetObject("status.hard")!.ToJsonString());
        Assert.Contains("limited: configmaps=0", (await _cluster.RefusedAsync(KubernetesResources.ConfigMaps, Ns, """{"metadata":{"name":"c"}}""")).Message, StringComparison.Ordinal);
    }

    private static GroupVersionResource Deployments { get; } = new("apps", "v1", "deployments");

    private async Task AddQuota(string spec)
    {
        await _cluster.CreateAsync(KubernetesResources.ResourceQuotas, Ns, $$"""{"metadata":{"name":"quota"},"spec":{{spec}} }""");
        await _cluster.Holds(async () => (await QuotaAsync()).GetObject("status.used") is { Count: > 0 }, "the quota is counted");
    }

    private Task<JsonObject> QuotaAsync() => _cluster.GetAsync(KubernetesResources.ResourceQuotas, Ns, "quota");

    private async Task Used(string expected)
    {
        var wanted = JsonNode.Parse(expected);
        JsonObject? used = null;
        try
        {
            await _cluster.Holds(async () => JsonNode.DeepEquals(used = (await QuotaAsync()).GetObject("status.used"), wanted), "the use");
        }
        catch (Exception)
        {
            Assert.Equal(wanted!.ToJsonString(), used?.ToJsonString());
            throw;
        }
    }
}
