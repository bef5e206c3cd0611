using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Modular.Kernel;
using Modular.Kernel.Tests;
using Modular.Plugins.Controllers;
using Modular.Plugins.Controllers.Tests;
using Modular.Plugins.ResourcesKubernetes;
using Modular.Testing;

namespace Modular.Plugins.AdmissionKubernetes.Tests;

/// <summary>The true kernel with the built-in kinds, their admission and their controllers, each with the rights of its manifest.</summary>
internal sealed class AdmissionCluster : IAsyncDisposable
{
    private static readonly UserInfo Admin = new("admin") { Groups = ["system:masters", "system:authenticated"] };
    private readonly List<(IPlugin Plugin, TestPluginContext Context)> _plugins = [];
    private ApiKernel? _kernel;

    /// <summary>The controllers' clock.</summary>
    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UtcNow);

    public IApiClient Api { get; private set; } = null!;

    public IAdmission Admission { get; private set; } = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Starts the kernel and the plugins; it has namespaces and system priority classes when this ends.</summary>
    public static async Task<AdmissionCluster> StartAsync(bool controllers = true)
    {
        var cluster = new AdmissionCluster();
        var kinds = await cluster.ProvideAsync<IResourceSource>(new ResourcesKubernetesPlugin(), "resources-kubernetes");
        var admission = await cluster.ProvideAsync<IAdmission>(new AdmissionKubernetesPlugin(), "admission-kubernetes");
        cluster.Admission = admission;
        var contracts = new KernelContracts
        {
            Store = new FixedContractHandle<IObjectStore>(new MemoryStore()),
            Resources = new FixedContractHandle<IResourceSource>(kinds),
            Admission = new FixedContractHandle<IAdmission>(admission),
        };
        cluster._kernel = new ApiKernel(contracts, new KernelSettings { AllowLoopbackEndpoints = true }, NullLoggerFactory.Instance);
        cluster.Api = cluster._kernel.CreateClient(Admin);
        await cluster._kernel.StartAsync(Token);
        if (controllers)
        {
            await cluster.ProvisionAsync(new ControllersPlugin(), "controllers", cluster.Time);
        }

        foreach (var (plugin, _) in cluster._plugins)
        {
            await plugin.StartAsync(Token);
        }

        return cluster;
    }

    /// <summary>Creates an object from JSON that may leave out apiVersion and kind where the resource tells them.</summary>
    public async Task<JsonObject> CreateAsync(GroupVersionResource resource, string ns, string json) =>
        (await Api.CreateAsync(resource, ns, JsonNode.Parse(json)!.AsObject(), Token)).ToJsonObject();

    /// <summary>What the answer would be; nothing is stored.</summary>
    public async Task<JsonObject> TryCreateAsync(GroupVersionResource resource, string ns, string json)
    {
        var request = new ApiRequest { User = Admin, Verb = "create", Resource = resource, Namespace = ns };
        var result = await _kernel!.Pipeline.CreateAsync(request, new RequestBody(JsonNode.Parse(json)!, []), new WriteOptions { DryRun = true }, Token);
        return result.Object!.ToJsonObject();
    }

    public async Task<JsonObject> CreatePodAsync(string ns, string spec, string name = "p") =>
        await CreateAsync(KubernetesResources.Pods, ns, Pod(spec, name));

    public async Task<ApiStatus> RefusedAsync(GroupVersionResource resource, string ns, string json) =>
        (await Assert.ThrowsAsync<ApiException>(() => CreateAsync(resource, ns, json))).Status;

    public async Task<ApiStatus> RefusedPodAsync(string ns, string spec) => await RefusedAsync(KubernetesResources.Pods, ns, Pod(spec, "p"));

    public async Task<JsonObject> GetAsync(GroupVersionResource resource, string ns, string name) =>
        (await Api.GetAsync(new ResourceName(resource, ns, name), Token)).ToJsonObject();

    /// <summary>Waits for what controllers are about to do, moving their clock.</summary>
    public Task Holds(Func<Task<bool>> condition, string what) => Eventually.Holds(
        () =>
        {
            Time.Advance(TimeSpan.FromMilliseconds(250));
            return condition();
        },
        what);

    /// <summary>A pod of one container that asks for nothing, but for what the spec says.</summary>
    public static string Pod(string spec, string name)
    {
        var fields = JsonNode.Parse(spec)!.AsObject();
        fields["containers"] ??= JsonNode.Parse("""[{"name":"c","image":"i"}]""");
        return new JsonObject { ["metadata"] = new JsonObject { ["name"] = name }, ["spec"] = fields }.ToJsonString();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (plugin, context) in Enumerable.Reverse(_plugins))
        {
            await plugin.StopAsync(StopReason.Shutdown, CancellationToken.None);
            await plugin.DisposeAsync();
            context.Dispose();
        }

        await _kernel!.DisposeAsync();
    }

    private async Task<T> ProvideAsync<T>(IPlugin plugin, string id) => (T)Assert.Single((await ProvisionAsync(plugin, id, TimeProvider.System)).Provided);

    private async Task<TestPluginContext> ProvisionAsync(IPlugin plugin, string id, TimeProvider time)
    {
        var context = new TestPluginContext(id, () => ClientOf(id), time);
        _plugins.Add((plugin, context));
        await plugin.ProvisionAsync(context, Token);
        return context;
    }

    private IApiClient ClientOf(string id)
    {
        _kernel!.Permissions.Register(ManifestAuthorizer.UserOf(id), PluginProject.PermissionsOf(id));
        return _kernel.CreateClient(new PluginIdentity(id, id, "0.1.0", 1));
    }
}
