using System.Text.Json.Nodes;

namespace Modular.Plugins.AdmissionKubernetes.Tests;

public sealed class LimitRangeTests : IAsyncLifetime
{
    private const string Asks = """{"containers":[{"name":"c","image":"i","resources":{"requests":{"cpu":"REQUEST"},"limits":{"cpu":"LIMIT"}}}]}""";

    private AdmissionCluster _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await AdmissionCluster.StartAsync(controllers: false);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task ContainersThatAskForNothingGetTheDefaults()
    {
        await AddRange("""{"type":"Container","default":{"cpu":"500m","memory":"500Mi"},"defaultRequest":{"cpu":"100m","memory":"200Mi"}}""");
        var pod = await _cluster.CreatePodAsync("default", """
            {"initContainers":[{"name":"first","image":"i"}],
              "containers":[{"name":"none","image":"i"},{"name":"own","image":"i","resources":{"limits":{"cpu":"300m"}}}]}
            """);
        Assert.Equal("""{"requests":{"cpu":"100m","memory":"200Mi"},"limits":{"cpu":"500m","memory":"500Mi"}}""", Resources(pod, "containers", 0));
        Assert.Equal("""{"limits":{"cpu":"300m","memory":"500Mi"},"requests":{"cpu":"300m","memory":"200Mi"}}""", Resources(pod, "containers", 1));
        Assert.Equal("""{"requests":{"cpu":"100m","memory":"200Mi"},"limits":{"cpu":"500m","memory":"500Mi"}}""", Resources(pod, "initContainers", 0));
        Assert.Equal(
            "LimitRanger plugin set: cpu, memory request for container none; cpu, memory limit for container none; memory request for container own; " +
            "memory limit for container own; cpu, memory request for init container first; cpu, memory limit for init container first",
            pod.GetObject("metadata.annotations")!["kubernetes.io/limit-ranger"].AsString());
        Assert.Equal("Burstable", pod.GetString("status.qosClass"));
        Assert.Equal("{}", Resources(await _cluster.CreatePodAsync("kube-system", "{}"), "containers", 0));
    }

    [Theory]
    [InlineData("100m", "200m", null)]
    [InlineData("50m", "200m", "minimum cpu usage per Container is 100m, but request is 50m")]
    [InlineData("100m", "600m", "[maximum cpu usage per Container is 500m, but limit is 600m, cpu max limit to request ratio per Container is 4, but provided ratio is 6.000000]")]
    [InlineData("100m", "450m", "cpu max limit to request ratio per Container is 4, but provided ratio is 4.500000")]
    public async Task ContainersStayWithinBounds(string request, string limit, string? refusal)
    {
        await AddRange("""{"type":"Container","min":{"cpu":"100m"},"max":{"cpu":"500m"},"maxLimitRequestRatio":{"cpu":"4"}}""");
        await Check(Asks.Replace("REQUEST", request, StringComparison.Ordinal).Replace("LIMIT", limit, StringComparison.Ordinal), refusal);
    }

    [Theory]
    [InlineData("""{"type":"Pod","max":{"cpu":"1"}}""", "400m", null)]
    [InlineData("""{"type":"Pod","max":{"cpu":"1"}}""", "600m", "maximum cpu usage per Pod is 1, but limit is 1200m")]
    [InlineData("""{"type":"Pod","max":{"memory":"1Gi"}}""", "600m", "maximum memory usage per Pod is 1Gi.  No limit is specified")]
    [InlineData("""{"type":"Pod","min":{"memory":"1Mi"}}""", "600m", "minimum memory usage per Pod is 1Mi.  No request is specified")]
    public async Task PodsStayWithinBoundsAsAWhole(string limit, string cpu, string? refusal)
    {
        await AddRange(limit);
        var container = $$"""{"image":"i","resources":{"limits":{"cpu":"{{cpu}}"} },"name":""";
        await Check($$"""{"containers":[{{container}}"a"},{{container}}"b"}],"initContainers":[{{container}}"first"}]}""", refusal);
    }

    [Fact]
    public async Task ClaimsStayWithinBoundsAndAChangeOfTheRangeCounts()
    {
        await AddRange("""{"type":"PersistentVolumeClaim","min":{"storage":"1Gi"},"max":{"storage":"2Gi"}}""");
        Assert.Equal(
            "persistentvolumeclaims \"v\" is forbidden: maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi",
            (await _cluster.RefusedAsync(KubernetesResources.PersistentVolumeClaims, "default", Claim("3Gi"))).Message);
        Assert.Equal(
            "persistentvolumeclaims \"v\" is forbidden: minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 1Mi",
            (await _cluster.RefusedAsync(KubernetesResources.PersistentVolumeClaims, "default", Claim("1Mi"))).Message);

        var range = new ResourceName(KubernetesResources.LimitRanges, "default", "range");
        var wider = JsonNode.Parse("""{"spec":{"limits":[{"type":"PersistentVolumeClaim","max":{"storage":"5Gi"}}]}}""")!;
        await _cluster.Api.PatchAsync(range, PatchType.Merge, wider, "", TestContext.Current.CancellationToken);
        await _cluster.CreateAsync(KubernetesResources.PersistentVolumeClaims, "default", Claim("3Gi"));
    }

    private static string Claim(string size) =>
        $$"""{"metadata":{"name":"v"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"{{size}}"} } } }""";

    private static string Resources(JsonObject pod, string list, int index) => pod.Objects($"spec.{list}").ElementAt(index)["resources"]!.ToJsonString();

    private Task<JsonObject> AddRange(string limit) =>
        _cluster.CreateAsync(KubernetesResources.LimitRanges, "default", $$"""{"metadata":{"name":"range"},"spec":{"limits":[{{limit}}]} }""");

    private async Task Check(string spec, string? refusal)
    {
        var refused = await Record.ExceptionAsync(() => _cluster.CreatePodAsync("default", spec));
        Assert.Equal(refusal is null ? null : $"pods \"p\" is forbidden: {refusal}", refused?.Message);
    }
}
