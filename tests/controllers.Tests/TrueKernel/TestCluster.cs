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
        TestCluster? cluster = null;
        var resources = new ResourcesKubernetesPlugin();
        var resourcesContext = new TestPluginContext("resources-kubernetes", () => cluster!.ClientOf("resources-kubernetes"), TimeProvider.System);
        await resources.ProvisionAsync(resourcesContext, cancellationToken);
        var kinds = (IResourceSource)Assert.Single(resourcesContext.Provided);
        var contracts = new KernelContracts
        {
            Store = new FixedContractHandle<IObjectStore>(new MemoryStore()),
            Resources = new FixedContractHandle<IResourceSource>(kinds),
        };
        cluster = new TestCluster(new ApiKernel(contracts, new KernelSettings { AllowLoopbackEndpoints = true }, NullLoggerFactory.Instance));
        cluster._plugins.Add((resources, resourcesContext));
        await cluster._kernel.StartAsync(cancellationToken);
        await resources.StartAsync(cancellationToken);
        var scheduler = await ProvisionSchedulerAsync(cancellationToken);
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
        // As a kubelet does it: at no moment is there a node without room.
        var node = JsonNode.Parse($$$"""
            {"apiVersion":"v1","kind":"Node","metadata":{"name":"{{{name}}}"},
              "status":{"allocatable":{"cpu":"4","memory":"8Gi","pods":"110"},"conditions":[{"type":"Ready","status":"True"}]}}
            """)!.AsObject();
        await Api.CreateAsync(KubernetesResources.Nodes, "", node, cancellationToken);
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

    private static async Task<IScheduler> ProvisionSchedulerAsync(CancellationToken cancellationToken)
    {
        using var context = new TestPluginContext("scheduler-spread", null, TimeProvider.System);
        await new SpreadPlugin().ProvisionAsync(context, cancellationToken);
        return (IScheduler)Assert.Single(context.Provided);
    }

    private async Task RunAsync(IPlugin plugin, string id, object? required, CancellationToken cancellationToken)
    {
        var context = new TestPluginContext(id, () => ClientOf(id), TimeProvider.System, required);
        _plugins.Add((plugin, context));
        await plugin.ProvisionAsync(context, cancellationToken);
        await plugin.StartAsync(cancellationToken);
    }

    private IApiClient ClientOf(string id)
    {
        _kernel.Permissions.Register(ManifestAuthorizer.UserOf(id), PluginProject.PermissionsOf(id));
        return _kernel.CreateClient(new PluginIdentity(id, id, "0.1.0", 1));
    }
}
