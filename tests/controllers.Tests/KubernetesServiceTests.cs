using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Plugins.Controllers.KubernetesService;
using Modular.Testing;

namespace Modular.Plugins.Controllers.Tests;

public sealed class KubernetesServiceTests : IAsyncDisposable
{
    private readonly ControllerBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task PodsOfTheMachinesNetworkAreLedToWhereTheServerListens()
    {
        await RunAsync(isolated: false);
        await Eventually.Holds(() => Answers() == "127.0.0.1:6443 127.0.0.1:6443", "both forms name the server");
        Assert.Equal(6443, Service()!.AsService().Spec.Ports[0].Port);
    }

    [Fact]
    public async Task PodsOfTheirOwnNetworkAreLedToTheAddressThatTheNodeTells()
    {
        await RunAsync(isolated: true);
        await Eventually.Holds(() => Service() is not null, "the service needs no node");
        Assert.Equal("", Answers());
        await _bench.AddAsync(KubernetesResources.Nodes, "", """{"metadata":{"name":"other","annotations":{"node.modular.dev/pod-network-address":"10.244.9.1"}}}""");
        await _bench.AddAsync(KubernetesResources.Nodes, "", """{"metadata":{"name":"n1","annotations":{"node.modular.dev/pod-network-address":"10.244.0.1"}}}""");
        await Eventually.Holds(() => Answers() == "10.244.0.1:6443 10.244.0.1:6443", "its own node counts");
        await _bench.PatchAsync(KubernetesResources.Nodes, "", "n1", """{"metadata":{"annotations":{"node.modular.dev/pod-network-address":"10.244.7.1"}}}""");
        await Eventually.Holds(() => Answers() == "10.244.7.1:6443 10.244.7.1:6443", "another range gives another address");
    }

    private async Task RunAsync(bool isolated)
    {
        await _bench.AddAsync(KubernetesResources.Namespaces, "", """{"metadata":{"name":"default"}}""");
        await _bench.RunAsync(new KubernetesServiceController(_bench.Api, new HostInformation
        {
            NodeName = "n1",
            ApiServer = new Uri("https://127.0.0.1:6443"),
            Executable = "/bin/true",
            Version = "0.1.0",
            Network = new ClusterNetwork { Isolated = isolated, ServiceRange = "10.96.0.0/16", ApiAddress = "10.96.0.1" },
        }));
    }

    private ApiObject? Service() => Find(KubernetesResources.Services);

    private ApiObject? Find(GroupVersionResource resource) => _bench.Api.All(resource).SingleOrDefault(obj => obj.Metadata.Name == "kubernetes");

    private string Answers()
    {
        var endpoints = Find(KubernetesResources.Endpoints)?.AsEndpoints().Subsets[0];
        var slice = Find(KubernetesResources.EndpointSlices)?.AsEndpointSlice();
        return endpoints is null || slice is null ? ""
            : $"{endpoints.Addresses[0].Ip}:{endpoints.Ports[0].Port} {slice.Endpoints[0].Addresses[0]}:{slice.Ports[0].Port}";
    }
}
