using System.Text.Json.Nodes;

namespace Modular.Plugins.AdmissionKubernetes.Tests;

/// <summary>The objects that each cluster has, as the true rules of their kinds let them through.</summary>
public sealed class BuiltInObjectTests : IAsyncLifetime
{
    private AdmissionCluster _cluster = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _cluster = await AdmissionCluster.StartAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task FlowSchemasNameLevelsThatExist()
    {
        await _cluster.Holds(async () => (await ListAsync(KubernetesResources.FlowSchemas)).Count == 13, "the schemas are there");
        await _cluster.Holds(async () => (await ListAsync(KubernetesResources.FlowSchemas)).All(schema => Dangling(schema) == "False"), "none misses its level");
        Assert.Equal(
            ["catch-all", "exempt", "global-default", "leader-election", "node-high", "system", "workload-high", "workload-low"],
            (await ListAsync(KubernetesResources.PriorityLevelConfigurations)).Select(level => level.GetString("metadata.name")).Order(StringComparer.Ordinal));

        var own = """{"metadata":{"name":"own"},"spec":{"priorityLevelConfiguration":{"name":"mine"},"matchingPrecedence":1000}}""";
        await _cluster.CreateAsync(KubernetesResources.FlowSchemas, "", own);
        await _cluster.Holds(async () => Dangling(await _cluster.GetAsync(KubernetesResources.FlowSchemas, "", "own")) == "True", "a missing level is told");
        await _cluster.CreateAsync(KubernetesResources.PriorityLevelConfigurations, "", """{"metadata":{"name":"mine"},"spec":{"type":"Limited","limited":{"limitResponse":{"type":"Reject"}}}}""");
        await _cluster.Holds(async () => Dangling(await _cluster.GetAsync(KubernetesResources.FlowSchemas, "", "own")) == "False", "the level is found");
    }

    [Fact]
    public async Task TheRangeAndTheAddressesOfServicesAreShown()
    {
        await _cluster.Holds(async () => (await ListAsync(KubernetesResources.IPAddresses)).Any(ip => ip.GetString("spec.parentRef.name") == "kubernetes"), "the API's own address is shown");
        await _cluster.Holds(async () => (await ListAsync(KubernetesResources.ServiceCidrs)).Any(cidr => cidr.Objects("status.conditions").Any(c => c.GetString("type") == "Ready")), "the range is ready");
        var service = await _cluster.CreateAsync(KubernetesResources.Services, "default", """{"metadata":{"name":"web"},"spec":{"ports":[{"port":80}]}}""");
        var address = service.GetString("spec.clusterIP")!;
        await _cluster.Holds(async () => (await ListAsync(KubernetesResources.IPAddresses)).Any(ip => ip.GetString("metadata.name") == address), "the address is shown");
        await _cluster.Api.DeleteAsync(new ResourceName(KubernetesResources.Services, "default", "web"), new DeleteOptions(), Token);
        await _cluster.Holds(async () => (await ListAsync(KubernetesResources.IPAddresses)).All(ip => ip.GetString("metadata.name") != address), "it goes with the service");
    }

    private static string? Dangling(JsonObject schema) =>
        schema.Objects("status.conditions").FirstOrDefault(c => c.GetString("type") == "Dangling")?.GetString("status");

    private async Task<List<JsonObject>> ListAsync(GroupVersionResource resource) =>
        [.. (await _cluster.Api.ListAsync(new ResourceScope(resource), Token)).Items.Select(item => item.ToJsonObject())];
}
