using System.Net;
using Microsoft.Extensions.Time.Testing;
using Modular.ApiServer;
using Modular.Fixtures;
using Modular.Kernel;
using Modular.Kernel.Plugins;
using Modular.Plugins.ResourcesKubernetes;
using Modular.Plugins.StoreEmbedded;

namespace Modular.ApiFuzzer;

/// <summary>The true kernel with the true kinds and the true store, behind the true API server on a free port.</summary>
internal sealed class FuzzServer : IAsyncDisposable
{
    private const string Configuration = "{}";
    private static readonly UserInfo Fuzzer = new("fuzzer") { Groups = ["system:masters", "system:authenticated"] };

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("modular-fuzz");
    private readonly ContractRegistry _contracts = new();
    private readonly StoreEmbeddedPlugin _store = new();
    private readonly TestContextOfPlugin _storeContext;
    private Serving? _serving;

    private FuzzServer() => _storeContext = new TestContextOfPlugin(_directory.FullName, Identity("store"), Configuration);

    /// <summary>Where the server listens.</summary>
    public Uri Address => _serving!.Server.Addresses[0];

    /// <summary>The kinds served.</summary>
    public IReadOnlyList<ResourceDefinition> Kinds => _serving!.Kernel.Registry.All;

    /// <summary>The clock by which watches end.</summary>
    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UtcNow);

    /// <summary>What kernel and server log.</summary>
    public FuzzLog Log { get; } = new();

    public static async Task<FuzzServer> StartAsync(CancellationToken cancellationToken)
    {
        var server = new FuzzServer();
        await server._store.ProvisionAsync(server._storeContext, cancellationToken);
        server._contracts.ProvideFromHost((IObjectStore)server._storeContext.Provided[typeof(IObjectStore)], Identity("store"));
        server._serving = await server.ServeAsync(cancellationToken);
        return server;
    }

    /// <summary>Ends kernel and server, and starts others on what is stored.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        await _serving!.DisposeAsync();
        _serving = await ServeAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_serving is not null)
        {
            await _serving.DisposeAsync();
        }

        await _store.DisposeAsync();
        _storeContext.Dispose();
        _directory.Delete(recursive: true);
    }

    private static PluginIdentity Identity(string name) => new(name, name, "0.1.0", 1);

    private async Task<Serving> ServeAsync(CancellationToken cancellationToken)
    {
        var contracts = new ContractRegistry();
        var kernel = new ApiKernel(
            new KernelContracts { Store = _contracts.Handle<IObjectStore>(), Resources = contracts.Handle<IResourceSource>() },
            new KernelSettings(),
            Log);
        var context = new TestContextOfPlugin(_directory.FullName, Identity("resources"), Configuration) { Api = kernel.CreateClient(Fuzzer) };
        var plugin = new ResourcesKubernetesPlugin();
        await plugin.ProvisionAsync(context, cancellationToken);
        contracts.ProvideFromHost((IResourceSource)context.Provided[typeof(IResourceSource)], Identity("resources"));
        await plugin.StartAsync(cancellationToken);
        await kernel.StartAsync(cancellationToken);
        var server = new ApiHttpServer(
            new ApiServerOptions { Listen = [new IPEndPoint(IPAddress.Loopback, 0)], Version = ServerVersion.Of("0.1.0") },
            new ApiServerParts
            {
                Pipeline = kernel.Pipeline,
                Resources = kernel.Registry,
                Authenticate = static (_, _) => ValueTask.FromResult(new AuthenticationResult { User = Fuzzer }),
                Time = Time,
                Log = Log,
            });
        await server.StartAsync(cancellationToken);
        return new Serving(kernel, server, plugin, context);
    }

    private sealed record Serving(
        ApiKernel Kernel, ApiHttpServer Server, ResourcesKubernetesPlugin Plugin, TestContextOfPlugin Context) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Server.StopAsync(CancellationToken.None);
            await Server.DisposeAsync();
            await Plugin.DisposeAsync();
            await Kernel.DisposeAsync();
            Context.Dispose();
        }
    }
}
