using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Modular.Kernel;
using Modular.Kernel.Tests;
using Modular.Models;
using Modular.Plugins.ResourcesKubernetes;
using Modular.Plugins.SchedulerSpread;
using Modular.Plugins.Scheduling;

namespace Modular.Plugins.Controllers.Tests;

/// <summary>The true kernel with the built-in kinds; scheduling and controllers run as plugins with the rights of their manifests.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private readonly ApiKernel _kernel;
    private readonly List<(IPlugin Plugin, TestPluginContext Context)> _plugins = [];

    private TestCluster(ApiKernel kernel)
    {
        _kernel = kernel;
        Api = kernel.CreateClient(new UserInfo("admin") { Groups = ["system:masters", "system:authenticated"] });
    }

    public IApiClient Api { get; }

    public static async Task<TestCluster> StartAsync(CancellationToken cancellationToken)
    {
        var kinds = await ProvisionAsync<IResourceSource>(new ResourcesKubernetesPlugin(), "resources", cancellationToken);
        var contracts = new KernelContracts
        {
            Store = new FixedContractHandle<IObjectStore>(new MemoryStore()),
            Resources = new FixedContractHandle<IResourceSource>(kinds),
        };
        var cluster = new TestCluster(new ApiKernel(contracts, new KernelSettings(), NullLoggerFactory.Instance));
        await cluster._kernel.StartAsync(cancellationToken);
        var scheduler = await ProvisionAsync<IScheduler>(new SpreadPlugin(), "scheduler", cancellationToken);
        await cluster.RunAsync(new SchedulingPlugin(), "scheduling", new FixedContractHandle<IScheduler>(scheduler), cancellationToken);
        await cluster.RunAsync(new ControllersPlugin(), "controllers", null, cancellationToken);
        return cluster;
    }

    public async Task<List<ApiObject>> ListAsync(GroupVersionResource resource, string ns, CancellationToken cancellationToken) =>
        [.. (await Api.ListAsync(new ResourceScope(resource) { Namespace = ns }, cancellationToken)).Items];

    public async Task<bool> ExistsAsync(GroupVersionResource resource, string ns, string name, CancellationToken cancellationToken)
    {
        try
        {
            await Api.GetAsync(new ResourceName(resource, ns, name), cancellationToken);
            return true;
        }
        catch (ApiException error) when (error.Reason == StatusReason.NotFound)
        {
            return false;
        }
    }

    public async Task AddNodeAsync(string name, CancellationToken cancellationToken)
    {
        var node = JsonNode.Parse($$"""{"apiVersion":"v1","kind":"Node","metadata":{"name":"{{name}}"} }""")!.AsObject();
        await Api.CreateAsync(KubernetesResources.Nodes, "", node, cancellationToken);
        var status = JsonNode.Parse("""
            {"status":{"allocatable":{"cpu":"4","memory":"8Gi","pods":"110"},"conditions":[{"type":"Ready","status":"True"}]}}
            """)!;
        await Api.PatchAsync(new ResourceName(KubernetesResources.Nodes, "", name), PatchType.Strategic, status, "status", cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (plugin, context) in _plugins)
        {
            await plugin.StopAsync(StopReason.Shutdown, CancellationToken.None);
            await plugin.DisposeAsync();
            context.Dispose();
        }

        await _kernel.DisposeAsync();
    }

    private static async Task<T> ProvisionAsync<T>(IPlugin plugin, string id, CancellationToken cancellationToken)
    {
        using var context = new TestPluginContext(id, null, TimeProvider.System);
        await plugin.ProvisionAsync(context, cancellationToken);
        return (T)Assert.Single(context.Provided);
    }

    private async Task RunAsync(IPlugin plugin, string id, object? required, CancellationToken cancellationToken)
    {
        _kernel.Permissions.Register(ManifestAuthorizer.UserOf(id), PluginProject.PermissionsOf(id));
        var identity = new PluginIdentity(id, id, "0.1.0", 1);
        var context = new TestPluginContext(id, _kernel.CreateClient(identity), TimeProvider.System, required);
        _plugins.Add((plugin, context));
        await plugin.ProvisionAsync(context, cancellationToken);
        await plugin.StartAsync(cancellationToken);
    }
}
