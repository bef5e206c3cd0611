using System.Collections.Concurrent;

namespace Modular.Kernel.Plugins;

/// <summary>
/// Who provides what. Handles may be asked for at any time, before anybody provides the contract too. Thread-safe.
/// </summary>
public sealed class ContractRegistry
{
    private readonly ConcurrentDictionary<string, ContractProviders> _contracts = new(StringComparer.Ordinal);
    private readonly Lock _publishing = new();

    /// <summary>A handle that follows whoever provides the contract.</summary>
    public ContractHandle<T> Handle<T>()
        where T : class => new RegisteredContractHandle<T>(Providers(ContractCatalog.Of<T>().Name));

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
            var touched = new SortedSet<string>(added.Select(a => a.Contract), StringComparer.Ordinal);
            if (old is not null)
            {
                touched.UnionWith(_contracts.Where(c => c.Value.Current.Providers.Any(p => p.Leases == old)).Select(c => c.Key));
            }

            foreach (var contract in touched)
            {
                var providers = Providers(contract);
                providers.Replace(
                [
                    .. providers.Current.Providers.Where(p => p.Leases != old)
                        .Concat(added.Where(a => a.Contract == contract).Select(a => a.Provider))
                        .OrderBy(p => p.Order),
                ]);
            }
        }
    }

    internal bool IsProvided(string contract) => Providers(contract).Current.Providers.Length > 0;

    private ContractProviders Providers(string contract) => _contracts.GetOrAdd(contract, name => new ContractProviders(name));
}
