using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Modular.Abstractions;

namespace Modular.PluginProcess.Contracts;

/// <summary>One contract across processes: what the host calls, and what answers in the child.</summary>
internal abstract class ContractAdapter(string contract)
{
    private static readonly ContractAdapter[] All =
    [
        new ContractAdapter<IScheduler, SchedulerService>(plugin => new RemoteScheduler(plugin)),
    ];

    /// <summary>The contracts that can be in another process.</summary>
    public static IEnumerable<string> Names => All.Select(adapter => adapter.Contract);

    public string Contract { get; } = contract;

    public static ContractAdapter? Find(string contract) => Array.Find(All, adapter => adapter.Contract == contract);

    /// <summary>The name of a contract in manifests.</summary>
    public static string NameOf(Type contract) => ((ContractAttribute?)Attribute.GetCustomAttribute(contract, typeof(ContractAttribute)))?.Name ?? contract.Name;

    /// <summary>Maps the services of all contracts.</summary>
    public static void MapAll(IEndpointRouteBuilder endpoints) => Array.ForEach(All, adapter => adapter.Map(endpoints));

    /// <summary>In the host: provides the contract by calls to the process.</summary>
    public abstract void Provide(IPluginContext context, RemotePlugin plugin);

    /// <summary>In the child: maps the service that answers those calls.</summary>
    protected abstract void Map(IEndpointRouteBuilder endpoints);
}

/// <typeparam name="TContract">The contract.</typeparam>
/// <typeparam name="TService">Answers in the child.</typeparam>
internal sealed class ContractAdapter<TContract, TService>(Func<RemotePlugin, TContract> remote) : ContractAdapter(NameOf(typeof(TContract)))
    where TContract : class
    where TService : class
{
    public override void Provide(IPluginContext context, RemotePlugin plugin) => context.Provide(remote(plugin));

    protected override void Map(IEndpointRouteBuilder endpoints) => endpoints.MapGrpcService<TService>();
}
