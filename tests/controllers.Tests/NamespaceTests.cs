using Modular.Models;
using Modular.Plugins.Controllers.Namespaces;
using Modular.Plugins.Controllers.ServiceAccounts;
using Modular.Testing;

namespace Modular.Plugins.Controllers.Tests;

public sealed class NamespaceTests : IAsyncDisposable
{
    private readonly ControllerBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task EmptiesANamespaceThenLetsItGo()
    {
        await _bench.RunAsync(new NamespaceController(_bench.Api, _bench.Time));
        await AddNamespace("shop");
        await _bench.AddAsync(KubernetesResources.Pods, "shop", """{"metadata":{"name":"p"},"spec":{}}""");
        await _bench.AddAsync(KubernetesResources.ConfigMaps, "shop", """{"metadata":{"name":"c"}}""");
        await _bench.AddAsync(KubernetesResources.ConfigMaps, "other", """{"metadata":{"name":"c"}}""");

        await _bench.DeleteAsync(KubernetesResources.Namespaces, "", "shop");
        await Eventually.Holds(() => _bench.Api.Peek(KubernetesResources.Namespaces, "", "shop") is null, "the namespace is gone");
        Assert.Empty(_bench.Pods());
        Assert.Equal(["other"], _bench.Api.All(KubernetesResources.ConfigMaps).Select(c => c.Metadata.Namespace));
    }

    [Fact]
    public async Task WhatIsNotAPodSurvivesUntilTheLastPodIsGone()
    {
        await _bench.RunAsync(new NamespaceController(_bench.Api, _bench.Time));
        await AddNamespace("shop");
        await _bench.AddAsync(KubernetesResources.Pods, "shop", """{"metadata":{"name":"p","finalizers":["example.com/wait"]},"spec":{}}""");
        await _bench.AddAsync(KubernetesResources.ConfigMaps, "shop", """{"metadata":{"name":"c"}}""");
        await _bench.DeleteAsync(KubernetesResources.Namespaces, "", "shop");

        await Eventually.Holds(() => Is("NamespaceDeletionContentFailure", "True"), "the failure is told");
        Assert.True(Is("NamespaceContentRemaining", "True"));
        Assert.True(Is("NamespaceFinalizersRemaining", "True"));
        Assert.Contains("example.com/wait in 1 resource instances", Find("NamespaceFinalizersRemaining")!.Message, StringComparison.Ordinal);
        Assert.NotNull(_bench.Api.Peek(KubernetesResources.ConfigMaps, "shop", "c"));

        await _bench.PatchAsync(KubernetesResources.Pods, "shop", "p", """{"metadata":{"finalizers":null}}""");
        await Eventually.Holds(() => _bench.Api.Peek(KubernetesResources.Namespaces, "", "shop") is null, "the namespace is gone");
        Assert.Null(_bench.Api.Peek(KubernetesResources.ConfigMaps, "shop", "c"));
    }

    [Fact]
    public async Task EachNamespaceHasADefaultServiceAccount()
    {
        await AddNamespace("old");
        await _bench.RunAsync(new ServiceAccountController(_bench.Api));
        await AddNamespace("new");
        await Eventually.Holds(() => Account("old") && Account("new"), "both have one");
        await _bench.DeleteAsync(KubernetesResources.ServiceAccounts, "new", "default");
        await Eventually.Holds(() => Account("new"), "it is made again");
    }

    private bool Account(string ns) => _bench.Api.Peek(KubernetesResources.ServiceAccounts, ns, "default") is not null;

    private Condition? Find(string type) =>
        Condition.Find(_bench.Api.Peek(KubernetesResources.Namespaces, "", "shop")!.AsNamespace().Status.Conditions, type);

    private bool Is(string type, string status) => Find(type)?.Status == status;

    private Task<ApiMachinery.ApiObject> AddNamespace(string name) =>
        _bench.AddAsync(KubernetesResources.Namespaces, "", $$"""{"metadata":{"name":"{{name}}"},"spec":{"finalizers":["kubernetes"]} }""");
}
