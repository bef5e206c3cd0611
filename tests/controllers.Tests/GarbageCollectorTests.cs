using Modular.ApiMachinery;
using Modular.Models;
using Modular.Plugins.Controllers.GarbageCollection;
using Modular.Testing;

namespace Modular.Plugins.Controllers.Tests;

public sealed class GarbageCollectorTests : IAsyncDisposable
{
    private readonly ControllerBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task DependentsOfAnOwnerThatGoesAreDeletedOverSeveralGenerations()
    {
        await Start();
        var owner = await Add("owner");
        var child = await Add("child", owner);
        await Add("grandchild", child);
        await _bench.DeleteAsync(KubernetesResources.ConfigMaps, "shop", "owner");
        await Eventually.Holds(() => _bench.Api.All(KubernetesResources.ConfigMaps).Count == 0, "all are gone");
    }

    [Fact]
    public async Task AnOwnerThatNeverWasCountsAsGone()
    {
        await Add("child", uid: "nobody");
        await Start();
        await Eventually.Holds(() => !Exists("child"), "the child is gone");
    }

    [Fact]
    public async Task AnObjectOfAnotherUidIsNotTheOwner()
    {
        await Add("owner");
        await Add("child", uid: "the-one-before");
        await Start();
        await Eventually.Holds(() => !Exists("child"), "the child is gone");
        Assert.True(Exists("owner"));
    }

    [Fact]
    public async Task OneLiveOwnerIsEnough()
    {
        await Start();
        var first = await Add("first");
        var second = await Add("second");
        await AddWith("child", Reference(first), Reference(second));
        await _bench.DeleteAsync(KubernetesResources.ConfigMaps, "shop", "first");
        await Eventually.Holds(() => Find("child") is { Metadata.OwnerReferences.Count: 1 }, "the dead owner is dropped");
        Assert.Equal("second", Find("child")!.Metadata.OwnerReferences[0].Name);
    }

    [Fact]
    public async Task OrphaningLeavesDependents()
    {
        await Start();
        var owner = await Add("owner");
        await Add("child", owner);
        await _bench.DeleteAsync(KubernetesResources.ConfigMaps, "shop", "owner", "Orphan");
        await Eventually.Holds(() => !Exists("owner"), "the owner is gone");
        Assert.Empty(Find("child")!.Metadata.OwnerReferences);
    }

    [Fact]
    public async Task OrphaningLeavesDependentsThatTheInformersHaveNotShownYet()
    {
        await Start();
        var owner = await Add("owner");
        _bench.Api.HoldInformersOf(KubernetesResources.ServiceAccounts, true);
        await AddAccount("child", owner);
        await _bench.DeleteAsync(KubernetesResources.ConfigMaps, "shop", "owner", "Orphan");
        await Eventually.Holds(() => !Exists("owner"), "the owner is gone");
        Assert.Empty(FindAccount("child")!.Metadata.OwnerReferences);
    }

    [Fact]
    public async Task ForegroundWaitsForDependentsThatTheInformersHaveNotShownYet()
    {
        await Start();
        var owner = await Add("owner");
        var looked = new TaskCompletionSource();
        _bench.Api.HoldInformersOf(KubernetesResources.ServiceAccounts, true);
        await AddAccount("child", owner, "[\"example.com/wait\"]");
        _bench.Api.Intercept = (verb, resource, _, _) =>
        {
            if (verb == "list" && resource == KubernetesResources.ServiceAccounts)
            {
                looked.TrySetResult();
            }

            return null;
        };
        await _bench.DeleteAsync(KubernetesResources.ConfigMaps, "shop", "owner", "Foreground");
        await looked.Task.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
        _bench.Api.HoldInformersOf(KubernetesResources.ServiceAccounts, false);
        await Eventually.Holds(() => FindAccount("child") is { Metadata.DeletionTimestamp: not null }, "the child is going");
        Assert.True(Exists("owner"));
        await _bench.PatchAsync(KubernetesResources.ServiceAccounts, "shop", "child", """{"metadata":{"finalizers":null}}""");
        await Eventually.Holds(() => !Exists("owner") && FindAccount("child") is null, "both are gone");
    }

    [Fact]
    public async Task ForegroundWaitsForDependentsThatBlock()
    {
        await Start();
        var owner = await Add("owner");
        await AddWith("child", Reference(owner), finalizers: "[\"example.com/wait\"]");
        await _bench.DeleteAsync(KubernetesResources.ConfigMaps, "shop", "owner", "Foreground");
        await Eventually.Holds(() => Find("child") is { Metadata.DeletionTimestamp: not null }, "the child is going");
        Assert.True(Exists("owner"));
        await _bench.PatchAsync(KubernetesResources.ConfigMaps, "shop", "child", """{"metadata":{"finalizers":null}}""");
        await Eventually.Holds(() => !Exists("owner") && !Exists("child"), "both are gone");
    }

    [Fact]
    public async Task ForegroundReachesGrandchildrenFirst()
    {
        await Start();
        var owner = await Add("owner");
        var child = await Add("child", owner);
        await AddWith("grandchild", Reference(child), finalizers: "[\"example.com/wait\"]");
        await _bench.DeleteAsync(KubernetesResources.ConfigMaps, "shop", "owner", "Foreground");
        await Eventually.Holds(() => Find("grandchild") is { Metadata.DeletionTimestamp: not null }, "the grandchild is going");
        Assert.True(Exists("owner") && Exists("child"));
        await _bench.PatchAsync(KubernetesResources.ConfigMaps, "shop", "grandchild", """{"metadata":{"finalizers":null}}""");
        await Eventually.Holds(() => _bench.Api.All(KubernetesResources.ConfigMaps).Count == 0, "all are gone");
    }

    [Fact]
    public async Task ForegroundWaitsForGrandchildrenThatTheInformersHaveNotShownYet()
    {
        await Start();
        var owner = await Add("owner");
        var child = await Add("child", owner);
        _bench.Api.HoldInformersOf(KubernetesResources.ServiceAccounts, true);
        await AddAccount("grandchild", child, "[\"example.com/wait\"]");
        await _bench.DeleteAsync(KubernetesResources.ConfigMaps, "shop", "owner", "Foreground");
        await Eventually.Holds(() => Find("child") is null or { Metadata.DeletionTimestamp: not null }, "the child is going");
        Assert.True(Exists("owner") && Exists("child"));
        _bench.Api.HoldInformersOf(KubernetesResources.ServiceAccounts, false);
        await Eventually.Holds(() => FindAccount("grandchild") is { Metadata.DeletionTimestamp: not null }, "the grandchild is going");
        Assert.True(Exists("owner") && Exists("child"));
        await _bench.PatchAsync(KubernetesResources.ServiceAccounts, "shop", "grandchild", """{"metadata":{"finalizers":null}}""");
        await Eventually.Holds(() => !Exists("owner") && !Exists("child") && FindAccount("grandchild") is null, "all are gone");
    }

    [Theory]
    [InlineData("Foreground")]
    [InlineData("Background")]
    public async Task ACircleOfOwnersDoesNotBlock(string policy)
    {
        await Start();
        var a = await Add("a");
        var b = await Add("b", a);
        await Add("c", b);
        await _bench.PatchAsync(KubernetesResources.ConfigMaps, "shop", "a", $$"""{"metadata":{"ownerReferences":[{{Reference(Find("c")!)}}]} }""");
        await _bench.DeleteAsync(KubernetesResources.ConfigMaps, "shop", "b", policy);
        await _bench.AdvanceUntil(TimeSpan.FromSeconds(1), () => _bench.Api.All(KubernetesResources.ConfigMaps).Count == 0, "the circle is gone");
    }

    private async Task Start() => await _bench.RunAsync(await GarbageCollector.CreateAsync(_bench.Api, TestContext.Current.CancellationToken));

    private static string Reference(ApiObject owner) => Reference(owner.Metadata.Name, owner.Metadata.Uid);

    private static string Reference(string name, string uid) =>
        $$"""{"apiVersion":"v1","kind":"ConfigMap","name":"{{name}}","uid":"{{uid}}","blockOwnerDeletion":true}""";

    private Task<ApiObject> Add(string name, ApiObject owner) => AddWith(name, Reference(owner));

    private Task<ApiObject> Add(string name, string uid = "") => AddWith(name, uid.Length == 0 ? "" : Reference("owner", uid));

    private Task<ApiObject> AddWith(string name, string first, string second = "", string finalizers = "[]")
    {
        var owners = second.Length == 0 ? first : $"{first},{second}";
        return _bench.AddAsync(KubernetesResources.ConfigMaps, "shop",
            $$"""{"metadata":{"name":"{{name}}","finalizers":{{finalizers}},"ownerReferences":[{{owners}}]} }""");
    }

    private Task<ApiObject> AddAccount(string name, ApiObject owner, string finalizers = "[]") => _bench.AddAsync(
        KubernetesResources.ServiceAccounts, "shop", $$"""{"metadata":{"name":"{{name}}","finalizers":{{finalizers}},"ownerReferences":[{{Reference(owner)}}]} }""");

    private ApiObject? FindAccount(string name) => _bench.Api.Peek(KubernetesResources.ServiceAccounts, "shop", name);

    private ApiObject? Find(string name) => _bench.Api.Peek(KubernetesResources.ConfigMaps, "shop", name);

    private bool Exists(string name) => Find(name) is not null;
}
