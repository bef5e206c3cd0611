using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Plugins.Controllers.ServiceEndpoints;
using Modular.Testing;

namespace Modular.Plugins.Controllers.Tests;

public sealed class ServiceEndpointsTests : IAsyncDisposable
{
    private readonly ControllerBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task ReadinessDecidesAndATerminatingPodServesToItsEnd()
    {
        await StartAsync();
        await AddServiceAsync("""{"name":"http","port":80,"targetPort":"web","appProtocol":"http"}""");
        await AddPodAsync("a", "10.0.0.1", ready: true);
        await AddPodAsync("b", "10.0.0.2", ready: false);
        await AddPodAsync("c", "", ready: false);
        await AddPodAsync("other", "10.0.0.9", ready: true, app: "other");
        await Eventually.Holds(() => Slice() == "10.0.0.1 ready,10.0.0.2 not", "the pods that have an address are in the slice");
        await Eventually.Holds(() => Addresses() == "10.0.0.1|10.0.0.2", "and in the endpoints, apart");

        var slice = Assert.Single(Slices());
        var port = Assert.Single(slice.AsEndpointSlice().Ports);
        Assert.Equal(("http", 8080, "TCP", "http"), (port.Name, port.Port, port.Protocol, port.AppProtocol));
        Assert.Equal("web", slice.Metadata.Labels["kubernetes.io/service-name"]);
        Assert.Equal("endpointslice-controller.k8s.io", slice.Metadata.Labels["endpointslice.kubernetes.io/managed-by"]);
        Assert.Equal("Service", slice.Metadata.Controller!.Kind);
        var first = slice.AsEndpointSlice().Endpoints[0];
        Assert.Equal(("Pod", "a", "n1"), (first.TargetRef!.Kind, first.TargetRef.Name, first.NodeName));

        await _bench.PatchAsync(KubernetesResources.Pods, "shop", "b", """{"status":{"conditions":[{"type":"Ready","status":"True"}]}}""", "status");
        await Eventually.Holds(() => Slice() == "10.0.0.1 ready,10.0.0.2 ready", "a pod becomes ready");
        await _bench.DeleteAsync(KubernetesResources.Pods, "shop", "a");
        await Eventually.Holds(() => Slice() == "10.0.0.1 serving,10.0.0.2 ready", "one that goes takes no new connection but serves");
        await Eventually.Holds(() => Addresses() == "10.0.0.2|", "the older form forgets it");
        await EndPodAsync("a");
        await EndPodAsync("b");
        await Eventually.Holds(() => Slice() == "" && Addresses() == "", "one empty slice is left");
        await _bench.DeleteAsync(KubernetesResources.Services, "shop", "web");
        await Eventually.Holds(() => _bench.Api.Peek(KubernetesResources.Endpoints, "shop", "web") is null, "endpoints go with their service");
    }

    [Fact]
    public async Task PodsWithOtherPortsAreInASliceOfTheirOwn()
    {
        await StartAsync();
        await AddServiceAsync("""{"name":"http","port":80,"targetPort":"web"}""");
        await AddPodAsync("a", "10.0.0.1", ready: true);
        await AddPodAsync("b", "10.0.0.2", ready: true, port: 9090);
        await Eventually.Holds(
            () => Slices().Select(s => s.AsEndpointSlice()).Select(s => $"{s.Endpoints[0].Addresses[0]}:{s.Ports[0].Port}").Order()
                .SequenceEqual(["10.0.0.1:8080", "10.0.0.2:9090"]),
            "each port has a slice");
        await Eventually.Holds(() => Endpoints()?.AsEndpoints().Subsets.Count == 2, "each port has a subset");
    }

    [Fact]
    public async Task UnreadyPodsAreReadyWhereTheServiceSaysSo()
    {
        await StartAsync();
        await AddServiceAsync("""{"port":80}""", """ "publishNotReadyAddresses":true,"clusterIP":"None",""");
        await AddPodAsync("a", "10.0.0.1", ready: false);
        await Eventually.Holds(() => Slice() == "10.0.0.1 ready", "it is published");
        Assert.Equal("", Assert.Single(Slices()).Metadata.Labels["service.kubernetes.io/headless"]);
        Assert.Equal(80, Slices()[0].AsEndpointSlice().Ports[0].Port);
    }

    [Fact]
    public async Task ManyPodsAreSpreadOverFullSlicesAndOneChangeWritesOne()
    {
        for (var i = 0; i < 250; i++)
        {
            await AddPodAsync($"p{i:d3}", $"10.0.{i / 250}.{i + 1}", ready: true);
        }

        await StartAsync();
        await AddServiceAsync("""{"port":80}""");
        await Eventually.Holds(() => Slices().Sum(s => s.AsEndpointSlice().Endpoints.Count) == 250, "all are there");
        Assert.Equal([50, 100, 100], Slices().Select(s => s.AsEndpointSlice().Endpoints.Count).Order());

        await Eventually.Holds(() => Endpoints()?.AsEndpoints().Subsets is [{ Addresses.Count: 250 }], "and in the older form");
        _bench.Api.Writes.Clear();
        await EndPodAsync("p000");
        await Eventually.Holds(() => Slices().Sum(s => s.AsEndpointSlice().Endpoints.Count) == 249, "one is gone");
        Assert.Single(_bench.Api.Writes, write => write.StartsWith("update endpointslices", StringComparison.Ordinal));
        Assert.Equal(3, Slices().Count);
    }

    [Fact]
    public async Task AViewOfThePastMakesNoSecondSlice()
    {
        await StartAsync();
        _bench.Api.HoldInformersOf(KubernetesResources.EndpointSlices, true);
        await AddServiceAsync("""{"port":80}""");
        await Eventually.Holds(() => Slices().Count == 1, "the slice is made");
        for (var i = 0; i < 5; i++)
        {
            await AddPodAsync($"p{i}", $"10.0.0.{i + 1}", ready: true);
        }

        _bench.Api.HoldInformersOf(KubernetesResources.EndpointSlices, false);
        await Eventually.Holds(() => Slice()?.Split(',').Length == 5, "all are in one slice, and the empty one of before is gone");
    }

    [Fact]
    public async Task WhatOthersWriteIsLeftAlone()
    {
        await StartAsync();
        await _bench.AddAsync(KubernetesResources.Endpoints, "shop", """{"metadata":{"name":"hand"},"subsets":[{"addresses":[{"ip":"10.9.9.9"}],"ports":[{"port":1}]}]}""");
        await _bench.AddAsync(KubernetesResources.Services, "shop", """{"metadata":{"name":"hand"},"spec":{"ports":[{"port":80}]}}""");
        await _bench.AddAsync(KubernetesResources.Services, "shop", """{"metadata":{"name":"far"},"spec":{"type":"ExternalName","externalName":"example.com","selector":{"app":"web"}}}""");
        await AddServiceAsync("""{"port":80}""");
        await AddPodAsync("a", "10.0.0.1", ready: true);
        await Eventually.Holds(() => Slice() == "10.0.0.1 ready", "the service that selects has its slice");
        Assert.Equal("10.9.9.9", _bench.Api.Peek(KubernetesResources.Endpoints, "shop", "hand")!.AsEndpoints().Subsets[0].Addresses[0].Ip);
        Assert.Null(_bench.Api.Peek(KubernetesResources.Endpoints, "shop", "far"));
        Assert.Single(Slices());
    }

    [Fact]
    public async Task EndpointsWrittenByHandAreMirrored()
    {
        await _bench.RunAsync(new EndpointSliceMirroringController(_bench.Api));
        await _bench.AddAsync(KubernetesResources.Services, "shop", """{"metadata":{"name":"web"},"spec":{"ports":[{"port":80}]}}""");
        await _bench.AddAsync(KubernetesResources.Endpoints, "shop", """
            {"metadata":{"name":"web"},"subsets":[{"addresses":[{"ip":"10.9.9.1"}],"notReadyAddresses":[{"ip":"10.9.9.2"}],"ports":[{"port":81}]}]}
            """);
        await Eventually.Holds(() => Slice() == "10.9.9.1 ready,10.9.9.2 not", "they are in a slice");
        Assert.Equal(81, Slices()[0].AsEndpointSlice().Ports[0].Port);
        Assert.Equal("Endpoints", Slices()[0].Metadata.Controller!.Kind);

        await _bench.PatchAsync(KubernetesResources.Endpoints, "shop", "web", """{"metadata":{"labels":{"endpointslice.kubernetes.io/skip-mirror":"true"}}}""");
        await Eventually.Holds(() => Slices().Count == 0, "unless they say otherwise");
    }

    private async Task StartAsync()
    {
        await _bench.RunAsync(new EndpointSliceController(_bench.Api));
        await _bench.RunAsync(new EndpointsController(_bench.Api));
    }

    private Task<ApiObject> AddServiceAsync(string port, string more = "") => _bench.AddAsync(KubernetesResources.Services, "shop",
        $$$"""{"metadata":{"name":"web"},"spec":{{{{more}}}"selector":{"app":"web"},"ports":[{{{port}}}]}}""");

    private Task<ApiObject> AddPodAsync(string name, string address, bool ready, string app = "web", int port = 8080) => _bench.AddAsync(
        KubernetesResources.Pods,
        "shop",
        $$$"""
        {"metadata":{"name":"{{{name}}}","labels":{"app":"{{{app}}}"}},
         "spec":{"nodeName":"n1","containers":[{"name":"c","ports":[{"name":"web","containerPort":{{{port}}}}]}]},
         "status":{"phase":"Running","podIP":"{{{address}}}","conditions":[{"type":"Ready","status":"{{{(ready ? "True" : "False")}}}"}]}}
        """);

    private async Task EndPodAsync(string name) => await _bench.Api.DeleteAsync(
        new ResourceName(KubernetesResources.Pods, "shop", name), new DeleteOptions { GracePeriodSeconds = 0 }, TestContext.Current.CancellationToken);

    private List<ApiObject> Slices() => _bench.Api.All(KubernetesResources.EndpointSlices);

    private ApiObject? Endpoints() => _bench.Api.Peek(KubernetesResources.Endpoints, "shop", "web");

    private string? Slice() => Slices() is [var only]
        ? string.Join(',', only.AsEndpointSlice().Endpoints
            .OrderBy(e => e.Addresses[0], StringComparer.Ordinal)
            .Select(e => $"{e.Addresses[0]} {(e.Conditions.Ready == true ? "ready" : e.Conditions is { Serving: true, Terminating: true } ? "serving" : "not")}"))
        : null;

    private string? Addresses() => Endpoints()?.AsEndpoints() is { } endpoints
        ? string.Join(';', endpoints.Subsets.Select(s => $"{string.Join(',', s.Addresses.Select(a => a.Ip))}|{string.Join(',', s.NotReadyAddresses.Select(a => a.Ip))}"))
        : null;
}
