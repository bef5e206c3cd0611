using System.Text.Json.Nodes;
using Modular.Models;
using Modular.Testing;

namespace Modular.Plugins.Controllers.Tests;

/// <summary>What the plugins do together over the true kernel, with no more rights than their manifests ask for.</summary>
public sealed class TrueKernelTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FromAReplicationControllerToBoundPodsAndBackToAnEmptyNamespace()
    {
        await using var cluster = await TestCluster.StartAsync(Token);
        await cluster.AddNodeAsync("n1", Token);
        await cluster.AddNodeAsync("n2", Token);
        await cluster.Api.CreateAsync(KubernetesResources.Namespaces, "", Parse("""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop"}}"""), Token);
        await Eventually.Holds(async () => await cluster.ExistsAsync(KubernetesResources.ServiceAccounts, "shop", "default", Token), "the default account is there");

        await cluster.Api.CreateAsync(KubernetesResources.ReplicationControllers, "shop", Parse("""
            {"apiVersion":"v1","kind":"ReplicationController","metadata":{"name":"web"},"spec":{"replicas":4,"selector":{"app":"web"},
              "template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"c","image":"i","resources":{"requests":{"cpu":"100m"}}}]}}}}
            """), Token);
        await Eventually.Holds(async () => (await Nodes(cluster)) is ["n1", "n1", "n2", "n2"], "four pods are bound, two on each node");
        await Eventually.Holds(async () => (await Status(cluster)).Replicas == 4, "they are counted");
        await Eventually.Holds(async () => (await Events(cluster)).IsSupersetOf(["SuccessfulCreate", "Scheduled"]), "there are events");

        await cluster.Api.PatchAsync(Rc, PatchType.Merge, Parse("""{"spec":{"replicas":2}}"""), "", Token);
        await Eventually.Holds(async () => (await Live(cluster)).Count == 2, "two are left");
        await FinishTerminatedPods(cluster);

        var relabeled = (await Live(cluster))[0].Metadata.Name;
        await cluster.Api.PatchAsync(Pod(relabeled), PatchType.Merge, Parse("""{"metadata":{"labels":{"app":"debug"}}}"""), "", Token);
        await Eventually.Holds(
            async () => (await cluster.Api.GetAsync(Pod(relabeled), Token)).Metadata.Controller is null && (await Live(cluster)).Count == 3,
            "the relabeled pod is released and replaced");

        await cluster.Api.DeleteAsync(Rc, new DeleteOptions { PropagationPolicy = "Background" }, Token);
        await Eventually.Holds(async () => (await Live(cluster)).Count == 1, "the controller's pods go with it");
        await cluster.Api.DeleteAsync(new ResourceName(KubernetesResources.Namespaces, "", "shop"), new DeleteOptions(), Token);
        await Eventually.Holds(
            async () =>
            {
                await FinishTerminatedPods(cluster);
                return !await cluster.ExistsAsync(KubernetesResources.Namespaces, "", "shop", Token);
            },
            "the namespace is gone");
    }

    [Fact]
    public async Task TheApiServerIsAServiceLikeOthers()
    {
        await using var cluster = await TestCluster.StartAsync(Token);
        await Eventually.Holds(async () => await cluster.ExistsAsync(KubernetesResources.EndpointSlices, "default", "kubernetes", Token), "the slice is there");
        var name = new ResourceName(KubernetesResources.Services, "default", "kubernetes");
        var service = (await cluster.Api.GetAsync(name, Token)).AsService();
        Assert.Equal(("127.128.0.1", 6443), (service.Spec.ClusterIP, service.Spec.Ports[0].Port));

        await cluster.Api.DeleteAsync(name, new DeleteOptions(), Token);
        var endpoints = name with { Resource = KubernetesResources.Endpoints };
        await cluster.Api.PatchAsync(endpoints, PatchType.Merge, Parse("""{"subsets":[]}"""), "", Token);
        await Eventually.Holds(
            async () => await cluster.ExistsAsync(KubernetesResources.Services, "default", "kubernetes", Token)
                && (await cluster.Api.GetAsync(endpoints, Token)).AsEndpoints().Subsets is [{ Addresses: [{ Ip: "127.0.0.1" }], Ports: [{ Port: 6443 }] }],
            "both come back");
    }

    [Theory]
    [InlineData("Foreground", 0)]
    [InlineData("Orphan", 3)]
    public async Task DeletingAController(string policy, int podsLeft)
    {
        await using var cluster = await TestCluster.StartAsync(Token);
        await cluster.Api.CreateAsync(KubernetesResources.Namespaces, "", Parse("""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop"}}"""), Token);
        await cluster.Api.CreateAsync(KubernetesResources.ReplicationControllers, "shop", Parse("""
            {"apiVersion":"v1","kind":"ReplicationController","metadata":{"name":"web"},"spec":{"replicas":3,"selector":{"app":"web"},
              "template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}
            """), Token);
        await Eventually.Holds(async () => (await Live(cluster)).Count == 3, "three pods");
        await cluster.Api.DeleteAsync(Rc, new DeleteOptions { PropagationPolicy = policy }, Token);
        await Eventually.Holds(async () => !await cluster.ExistsAsync(KubernetesResources.ReplicationControllers, "shop", "web", Token), "the controller is gone");
        var left = await Live(cluster);
        Assert.Equal(podsLeft, left.Count);
        Assert.All(left, p => Assert.Empty(p.Metadata.OwnerReferences));
    }

    [Fact]
    public async Task APodThatFitsNowhereSaysSo()
    {
        await using var cluster = await TestCluster.StartAsync(Token);
        await cluster.AddNodeAsync("n1", Token);
        await cluster.Api.CreateAsync(KubernetesResources.Pods, "default", Parse("""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"big"},"spec":{"containers":[{"name":"c","image":"i","resources":{"requests":{"cpu":"64"}}}]}}
            """), Token);
        var name = new ResourceName(KubernetesResources.Pods, "default", "big");
        await Eventually.Holds(
            async () => Condition.Find((await cluster.Api.GetAsync(name, Token)).AsPod().Status.Conditions, "PodScheduled") is
            {
                Status: "False",
                Reason: "Unschedulable",
                Message: "0/1 nodes are available: 1 Insufficient cpu."
            },
            "the condition");
    }

    private static ResourceName Rc => new(KubernetesResources.ReplicationControllers, "shop", "web");

    private static ResourceName Pod(string name) => new(KubernetesResources.Pods, "shop", name);

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();

    private static async Task<List<ApiObject>> Live(TestCluster cluster) =>
        [.. (await cluster.ListAsync(KubernetesResources.Pods, "shop", Token)).Where(p => p.Metadata.DeletionTimestamp is null)];

    private static async Task<string[]> Nodes(TestCluster cluster) => [.. (await Live(cluster)).Select(p => p.AsPod().Spec.NodeName).Order()];

    private static async Task<ReplicationControllerStatus> Status(TestCluster cluster) =>
        (await cluster.Api.GetAsync(Rc, Token)).AsReplicationController().Status;

    private static async Task<HashSet<string>> Events(TestCluster cluster) =>
        [.. (await cluster.ListAsync(KubernetesResources.Events, "shop", Token)).Select(e => e.AsEvent().Reason)];

    /// <summary>Does what the nodes would do once the containers have ended.</summary>
    private static async Task FinishTerminatedPods(TestCluster cluster)
    {
        foreach (var pod in await cluster.ListAsync(KubernetesResources.Pods, "shop", Token))
        {
            if (pod.Metadata.DeletionTimestamp is not null && pod.AsPod().Spec.NodeName.Length > 0)
            {
                await cluster.Api.DeleteAsync(Pod(pod.Metadata.Name), new DeleteOptions { GracePeriodSeconds = 0 }, Token);
            }
        }
    }
}
