using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Modular.Abstractions;
using Modular.Abstractions.Http;
using Modular.PluginProcess.Child;

namespace Modular.PluginProcess.Contracts;

/// <summary>
/// One contract across processes: what is called on one side, and what answers on the other. A child answers for what its plugin provides, the host for what
/// a child's plugin requires.
/// </summary>
internal abstract class ContractAdapter(string contract)
{
    private static readonly ContractAdapter[] All =
    [
        new ContractAdapter<IScheduler, SchedulerService>(plugin => new RemoteScheduler(plugin)),
        new ContractAdapter<IPodNetwork, PodNetworkService>(plugin => new RemotePodNetwork(plugin)),
        new ContractAdapter<IServiceProxy, ServiceProxyService>(plugin => new RemoteServiceProxy(plugin)),
        new ContractAdapter<IDnsServer, DnsServerService>(plugin => new RemoteDnsServer(plugin)),
        new ContractAdapter<IContainerRuntime, ContainerRuntimeService>(
            RemoteContainerRuntime.Of, new ContractFeature(typeof(IContainerStreams), endpoints => endpoints.MapGrpcService<ContainerStreamsService>())),
        new ContractAdapter<IAuthenticator, AuthenticatorService>(plugin => new RemoteAuthenticator(plugin)),
        new ContractAdapter<IAuthorizer, AuthorizerService>(plugin => new RemoteAuthorizer(plugin)),
        new ContractAdapter<IAdmission, AdmissionService>(plugin => new RemoteAdmission(plugin)),
        new ContractAdapter<IResourceSource, ResourceSourceService>(RemoteResourceSource.OpenAsync),
        // The store is the kernel's alone.
        new ContractAdapter<IObjectStore, StoreService>((plugin, _) => ValueTask.FromResult<IObjectStore>(new RemoteObjectStore(plugin))),
        new ContractAdapter<IHttpEndpoints, HttpEndpointsService>(RemoteHttpEndpoints.OpenAsync),
        new ContractAdapter<INodeEndpoint, NodeEndpointService>(RemoteNodeEndpoint.OpenAsync),
    ];

    /// <summary>The contracts that can be in another process.</summary>
    public static IEnumerable<string> Names => All.Select(adapter => adapter.Contract);

    public string Contract { get; } = contract;

    public static ContractAdapter? Find(string contract) => Array.Find(All, adapter => adapter.Contract == contract);

    /// <summary>The contracts that a plugin in another process can use: who uses one of many providers has to know all of them.</summary>
    public static IEnumerable<string> NamesOfUsable => All.Where(adapter => adapter.IsUsable).Select(adapter => adapter.Contract);

    /// <summary>The name of a contract in manifests.</summary>
    public static string NameOf(Type contract) => AttributeOf(contract)?.Name ?? contract.Name;

    /// <summary>Whether who uses a contract can try candidates.</summary>
    public static bool HasTrials(Type contract) => AttributeOf(contract) is { HasTrials: true };

    /// <summary>Maps the services of all contracts.</summary>
    public static void MapAll(IEndpointRouteBuilder endpoints) => Array.ForEach(All, adapter => adapter.Map(endpoints));

    /// <summary>Whether a plugin in another process can use it.</summary>
    public abstract bool IsUsable { get; }

    /// <summary>In the host: provides the contract by calls to the process, which is provisioned.</summary>
    public abstract ValueTask ProvideAsync(IPluginContext context, RemotePlugin plugin, CancellationToken cancellationToken);

    /// <summary>In the host: what a process is served that requires the contract.</summary>
    public abstract ServedContract Serve(IPluginContext context);

    /// <summary>In the child: what is known of those who provide the contract to the host.</summary>
    public abstract HostContract Follow(CallInvoker host);

    protected static ContractAttribute? AttributeOf(Type contract) => (ContractAttribute?)Attribute.GetCustomAttribute(contract, typeof(ContractAttribute));

    /// <summary>Maps the service that answers calls.</summary>
    protected abstract void Map(IEndpointRouteBuilder endpoints);
}

/// <typeparam name="TContract">The contract.</typeparam>
/// <typeparam name="TService">Answers in the child.</typeparam>
internal sealed class ContractAdapter<TContract, TService> : ContractAdapter
    where TContract : class
    where TService : class
{
    private readonly Func<RemotePlugin, CancellationToken, ValueTask<TContract>> _open;
    private readonly Func<RemotePlugin, TContract>? _remote;
    private readonly ContractFeature[] _features = [];

    /// <param name="remote">Makes what is called.</param>
    /// <param name="features">What a provider may offer beyond the contract.</param>
    public ContractAdapter(Func<RemotePlugin, TContract> remote, params ContractFeature[] features)
        : this((plugin, _) => ValueTask.FromResult(remote(plugin)))
    {
        _remote = remote;
        _features = features;
    }

    /// <summary>One that plugins can't require from another process.</summary>
    /// <param name="open">Makes what the host calls, with what the process says first.</param>
    public ContractAdapter(Func<RemotePlugin, CancellationToken, ValueTask<TContract>> open)
        : base(NameOf(typeof(TContract))) => _open = open;

    public override bool IsUsable => _remote is not null && AttributeOf(typeof(TContract))?.Cardinality == ContractCardinality.One;

    public override async ValueTask ProvideAsync(IPluginContext context, RemotePlugin plugin, CancellationToken cancellationToken) =>
        context.Provide(await _open(plugin, cancellationToken).ConfigureAwait(false));

    public override ServedContract Serve(IPluginContext context) => new ServedContract<TContract>(
        Contract, context.Require<TContract>(), HasTrials(typeof(TContract)) ? context.RequireCandidates<TContract>() : null, _features);

    public override HostContract Follow(CallInvoker host) => new HostContract<TContract>(
        Contract, host, _remote ?? throw new InvalidOperationException($"{Contract} can't be used from another process"));

    protected override void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGrpcService<TService>();
        Array.ForEach(_features, feature => feature.Map(endpoints));
    }
}
