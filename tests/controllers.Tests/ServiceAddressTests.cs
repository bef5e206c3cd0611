using Modular.Models;
using Modular.Plugins.Controllers.ServiceAddresses;
using Modular.Testing;

namespace Modular.Plugins.Controllers.Tests;

public sealed class ServiceAddressTests : IAsyncLifetime
{
    private readonly ControllerBench _bench = new();

    public async ValueTask InitializeAsync() =>
        await _bench.AddAsync(KubernetesResources.Services, "shop", """{"metadata":{"name":"web"},"spec":{"clusterIP":"10.96.0.7","clusterIPs":["10.96.0.7"]}}""");

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task AnAddressComesAndGoesWithItsService()
    {
        await _bench.RunAsync(new IPAddressController(_bench.Api));
        await Eventually.Holds(() => Parent("10.96.0.7") == "shop/web", "the address is shown");
        var address = _bench.Api.Peek(KubernetesResources.IPAddresses, "", "10.96.0.7")!;
        Assert.Equal(("IPv4", "ipallocator.k8s.io"), (address.Metadata.Labels["ipaddress.kubernetes.io/ip-family"], address.Metadata.Labels["ipaddress.kubernetes.io/managed-by"]));

        await _bench.AddAsync(KubernetesResources.Services, "shop", """{"metadata":{"name":"headless"},"spec":{"clusterIP":"None","clusterIPs":["None"]}}""");
        await _bench.DeleteAsync(KubernetesResources.IPAddresses, "", "10.96.0.7");
        await Eventually.Holds(() => Parent("10.96.0.7") == "shop/web", "it is made again");
        await _bench.DeleteAsync(KubernetesResources.Services, "shop", "web");
        await Eventually.Holds(() => _bench.Api.All(KubernetesResources.IPAddresses).Count == 0, "it goes with the service");
    }

    [Fact]
    public async Task WhatWasLeftBehindByACrashIsPutRight()
    {
        await AddAddress("10.96.0.7", "gone", "ipallocator.k8s.io");
        await AddAddress("10.96.0.8", "web", "ipallocator.k8s.io");
        await AddAddress("10.96.0.9", "gone", "somebody");
        await _bench.RunAsync(new IPAddressController(_bench.Api));
        await Eventually.Holds(() => Parent("10.96.0.7") == "shop/web" && Parent("10.96.0.8") is null, "the addresses follow from the services");
        Assert.Equal("shop/gone", Parent("10.96.0.9"));
    }

    [Fact]
    public async Task TheRangeOfServicesIsTold()
    {
        await _bench.RunAsync(new ServiceCidrController(_bench.Api, _bench.Time, "10.96.0.0/16"));
        await _bench.AddAsync(KubernetesResources.Namespaces, "", """{"metadata":{"name":"default"}}""");
        await Eventually.Holds(() => Cidr()?.GetArray("status.conditions") is { Count: 1 }, "it is ready");
        Assert.Equal("10.96.0.0/16", Cidr()!.GetArray("spec.cidrs")![0].AsString());
        var ready = Cidr()!.Objects("status.conditions").Single();
        Assert.Equal(("Ready", "True"), (ready.GetString("type"), ready.GetString("status")));
    }

    private System.Text.Json.Nodes.JsonObject? Cidr() => _bench.Api.Peek(KubernetesResources.ServiceCidrs, "", "kubernetes")?.ToJsonObject();

    private string? Parent(string address) =>
        _bench.Api.Peek(KubernetesResources.IPAddresses, "", address) is { } found ? AddressObject.ServiceOf(found)?.ToString() : null;

    private Task<ApiObject> AddAddress(string address, string service, string manager) => _bench.AddAsync(KubernetesResources.IPAddresses, "", $$"""
        {"metadata":{"name":"{{address}}","labels":{"ipaddress.kubernetes.io/managed-by":"{{manager}}"} },
          "spec":{"parentRef":{"group":"","resource":"services","namespace":"shop","name":"{{service}}"} } }
        """);
}
