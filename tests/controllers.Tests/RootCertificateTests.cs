using Modular.ApiMachinery;
using Modular.Models;
using Modular.Plugins.Controllers.RootCertificate;
using Modular.Testing;

namespace Modular.Plugins.Controllers.Tests;

public sealed class RootCertificateTests : IAsyncLifetime
{
    private readonly ControllerBench _bench = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task EachNamespaceHasItAgainAfterItWasChangedOrDeleted()
    {
        await _bench.AddAsync(KubernetesResources.Namespaces, "", """{"metadata":{"name":"shop"}}""");
        await _bench.RunAsync(new RootCertificateController(_bench.Api, "PEM"));
        await Eventually.Holds(() => Data() == """{"ca.crt":"PEM"}""", "it is there");
        await _bench.PatchAsync(KubernetesResources.ConfigMaps, "shop", "kube-root-ca.crt", """{"data":{"ca.crt":"other","more":"x"}}""");
        await Eventually.Holds(() => Data() == """{"ca.crt":"PEM"}""", "it is right again");
        await _bench.DeleteAsync(KubernetesResources.ConfigMaps, "shop", "kube-root-ca.crt");
        await Eventually.Holds(() => Data() == """{"ca.crt":"PEM"}""", "it is back");
    }

    [Fact]
    public async Task ANamespaceThatGoesIsLeftAlone()
    {
        await _bench.AddAsync(KubernetesResources.Namespaces, "", """{"metadata":{"name":"going","deletionTimestamp":"2026-01-01T00:00:00Z","finalizers":["a/b"]}}""");
        await _bench.AddAsync(KubernetesResources.Namespaces, "", """{"metadata":{"name":"shop"}}""");
        await _bench.RunAsync(new RootCertificateController(_bench.Api, "PEM"));
        await Eventually.Holds(() => Data() is not null, "the other has it");
        Assert.DoesNotContain(_bench.Api.Writes, write => write.Contains("going/kube-root-ca.crt", StringComparison.Ordinal));
    }

    private string? Data() => _bench.Api.Peek(KubernetesResources.ConfigMaps, "shop", "kube-root-ca.crt")?.ToJsonObject()["data"]?.ToJsonString();
}
