using System.Collections.Concurrent;

namespace Modular.Kernel.Plugins;

/// <summary>
/// Who provides what, and who is tried beside them. Handles may be asked for at any time, before anybody provides the contract too. Thread-safe.
/// </summary>
public sealed class ContractRegistry
{
    private readonly ConcurrentDictionary<string, ContractProviders> _contracts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ContractProviders> _candidates = new(StringComparer.Ordinal);
    private readonly Lock _publishing = new();

    /// <summary>A handle that follows whoever provides the contract.</summary>
    public ContractHandle<T> Handle<T>()
        where T : class => new RegisteredContractHandle<T>(Of(_contracts, ContractCatalog.Of<T>().Name));

    /// <summary>A handle that follows those tried beside whoever provides the contract.</summary>
    public CandidateHandle<T> Candidates<T>()
        where T : class => new RegisteredCandidateHandle<T>(Of(_candidates, ContractCatalog.Of<T>().Name));

    /// <summary>
    /// Adds what the host itself provides, such as the kernel's own kinds; it stands before all plugins and is never taken away.
    /// </summary>
    public void ProvideFromHost<T>(T implementation, PluginIdentity identity)
        where T : class =>
        Switch(null, [(ContractCatalog.Of<T>().Name, new ContractProvider(implementation, identity, new LeaseCounter(), -1))]);

    /// <summary>Takes one instance's contracts away and puts another's in, contract by contract.</summary>
    internal void Switch(LeaseCounter? old, IReadOnlyList<(string Contract, ContractProvider Provider)> added)
    {
        lock (_publishing)
        {
            Switch(_contracts, old, [.. added.Where(a => a.Provider.Trial is null)]);
            Switch(_candidates, old, [.. added.Where(a => a.Provider.Trial is not null)]);
        }
    }

    /// <summary>Moves the generation of what an instance provides.</summary>
    internal void Renew(LeaseCounter instance)
    {
        lock (_publishing)
        {
            foreach (var providers in _contracts.Values.Concat(_candidates.Values))
            {
                if (providers.Current.Providers is var current && current.Any(provider => provider.Leases == instance))
                {
                    providers.Replace(current);
                }
            }
        }
    }

    internal bool IsProvided(string contract) => Of(_contracts, contract).Current.Providers.Length > 0;

    private static void Switch(
        ConcurrentDictionary<string, ContractProviders> contracts, LeaseCounter? old, IReadOnlyList<(string Contract, ContractProvider Provider)> added)
    {
        var touched = new SortedSet<string>(added.Select(a => a.Contract), StringComparer.Ordinal);
        if (old is not null)
        {
            touched.UnionWith(contracts.Where(c => c.Value.Current.Providers.Any(p => p.Leases == old)).Select(c => c.Key));
        }

        foreach (var contract in touched)
        {
            var providers = Of(contracts, contract);
            providers.Replace(
            [
                .. providers.Current.Providers.Where(p => p.Leases != old)
                    .Concat(added.Where(a => a.Contract == contract).Select(a => a.Provider))
                    .OrderBy(p => p.Order),
            ]);
        }
    }

    private static ContractProviders Of(ConcurrentDictionary<string, ContractProviders> contracts, string contract) =>
        contracts.GetOrAdd(contract, name => new ContractProviders(name));
}
