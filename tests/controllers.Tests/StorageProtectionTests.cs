using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Plugins.Controllers.StorageProtection;
using Modular.Testing;

namespace Modular.Plugins.Controllers.Tests;

public sealed class StorageProtectionTests : IAsyncLifetime
{
    private readonly ControllerBench _bench = new();

    public StorageProtectionTests() => _bench.Api
        .Serve(KubernetesResources.PersistentVolumeClaims, "PersistentVolumeClaim", true)
        .Serve(KubernetesResources.PersistentVolumes, "PersistentVolume", false);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Theory]
    [InlineData("""{"nodeName":"n",VOLUMES}""", "Running", true)]
    [InlineData("""{"nodeName":"n",VOLUMES}""", "Succeeded", false)]
    [InlineData("{VOLUMES}", "Pending", false)]
    [InlineData("""{"nodeName":"n"}""", "Running", false)]
    public async Task AClaimStaysWhileAPodOnANodeUsesIt(string spec, string phase, bool stays)
    {
        await AddClaimAsync("data");
        await AddClaimAsync("other");
        var withVolumes = spec.Replace("VOLUMES", "\"volumes\":[{\"name\":\"v\",\"persistentVolumeClaim\":{\"claimName\":\"data\"}}]", StringComparison.Ordinal);
        await _bench.AddAsync(
            KubernetesResources.Pods, "shop", $$"""{"metadata":{"name":"p"},"spec":{{withVolumes}},"status":{"phase":"{{phase}}"} }""");
        await _bench.RunAsync(new ClaimProtectionController(_bench.Api));
        await _bench.DeleteAsync(KubernetesResources.PersistentVolumeClaims, "shop", "data");
        await _bench.DeleteAsync(KubernetesResources.PersistentVolumeClaims, "shop", "other");
        await Eventually.Holds(() => Find("other") is null, "what nobody uses is gone");
        if (stays)
        {
            Assert.NotNull(Find("data")!.Metadata.DeletionTimestamp);
            await EndPodAsync();
        }

        await Eventually.Holds(() => Find("data") is null, "it is gone");
    }

    [Fact]
    public async Task AClaimOfAPodThatTheInformersHaveNotShownYetStays()
    {
        await AddClaimAsync("data");
        await _bench.RunAsync(new ClaimProtectionController(_bench.Api));
        var looked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _bench.Api.HoldInformersOf(KubernetesResources.Pods, true);
        await _bench.AddAsync(
            KubernetesResources.Pods, "shop",
            """{"metadata":{"name":"p"},"spec":{"nodeName":"n","volumes":[{"name":"v","persistentVolumeClaim":{"claimName":"data"}}]},"status":{"phase":"Running"}}""");
        _bench.Api.Intercept = (verb, resource, _, _) =>
        {
            if (verb == "list" && resource == KubernetesResources.Pods)
            {
                looked.TrySetResult();
            }

            return null;
        };
        await _bench.DeleteAsync(KubernetesResources.PersistentVolumeClaims, "shop", "data");
        await looked.Task.WaitAsync(TestContext.Current.CancellationToken);
        _bench.Api.HoldInformersOf(KubernetesResources.Pods, false);
        await EndPodAsync();
        await Eventually.Holds(() => Find("data") is null, "it is gone");
        var writes = _bench.Api.Writes.ToList();
        Assert.True(writes.FindIndex(w => w.Contains("delete pods", StringComparison.Ordinal)) < writes.FindLastIndex(w => w.Contains("patch persistentvolumeclaims", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task AVolumeStaysWhileItIsBound()
    {
        await _bench.AddAsync(
            KubernetesResources.PersistentVolumes, "", """{"metadata":{"name":"disk","finalizers":["kubernetes.io/pv-protection"]},"status":{"phase":"Bound"}}""");
        await _bench.AddAsync(
            KubernetesResources.PersistentVolumes, "", """{"metadata":{"name":"free","finalizers":["kubernetes.io/pv-protection"]},"status":{"phase":"Available"}}""");
        await _bench.RunAsync(new VolumeProtectionController(_bench.Api));
        await _bench.DeleteAsync(KubernetesResources.PersistentVolumes, "", "disk");
        await _bench.DeleteAsync(KubernetesResources.PersistentVolumes, "", "free");
        await Eventually.Holds(() => _bench.Api.Peek(KubernetesResources.PersistentVolumes, "", "free") is null, "the free one is gone");
        Assert.NotNull(_bench.Api.Peek(KubernetesResources.PersistentVolumes, "", "disk"));
        await _bench.PatchAsync(KubernetesResources.PersistentVolumes, "", "disk", """{"status":{"phase":"Released"}}""", "status");
        await Eventually.Holds(() => _bench.Api.Peek(KubernetesResources.PersistentVolumes, "", "disk") is null, "the other is gone");
    }

    private async Task EndPodAsync() => await _bench.Api.DeleteAsync(
        new ResourceName(KubernetesResources.Pods, "shop", "p"), new DeleteOptions { GracePeriodSeconds = 0 }, TestContext.Current.CancellationToken);

    private async Task AddClaimAsync(string name) => await _bench.AddAsync(
        KubernetesResources.PersistentVolumeClaims, "shop", $$"""{"metadata":{"name":"{{name}}","finalizers":["kubernetes.io/pvc-protection"]} }""");

    private ApiObject? Find(string name) => _bench.Api.Peek(KubernetesResources.PersistentVolumeClaims, "shop", name);
}
