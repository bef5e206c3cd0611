namespace Modular.Kernel.Plugins;

/// <summary>A handle that reads the registry's current providers on every use.</summary>
internal sealed class RegisteredContractHandle<T>(ContractProviders providers) : ContractHandle<T>
    where T : class
{
    public override bool IsAvailable => providers.Current.Providers.Length > 0;

    public override long Generation => providers.Current.Generation;

    public override ContractLease<T> Acquire() =>
        TryAcquire(out var lease) ? lease : throw new ContractUnavailableException(providers.Contract);

    public override bool TryAcquire(out ContractLease<T> lease)
    {
        // A provider drains only after another set has taken over, so a refused lease means that a newer set is there to be read.
        for (var set = providers.Current; set.Providers.Length > 0; set = providers.Current)
        {
            var provider = set.Providers[0];
            if (provider.Leases.TryEnter())
            {
                lease = Lease(provider, set.Generation);
                return true;
            }
        }

        lease = default;
        return false;
    }

    public override IReadOnlyList<ContractLease<T>> AcquireAll()
    {
        var set = providers.Current;
        var leases = new List<ContractLease<T>>(set.Providers.Length);
        foreach (var provider in set.Providers)
        {
            if (provider.Leases.TryEnter())
            {
                leases.Add(Lease(provider, set.Generation));
            }
        }

        if (leases.Count == set.Providers.Length || ReferenceEquals(set, providers.Current))
        {
            return leases;
        }

        foreach (var lease in leases)
        {
            lease.Dispose();
        }

        return AcquireAll();
    }

    public override Task WaitForChangeAsync(long generation, CancellationToken cancellationToken) =>
        providers.WaitForChangeAsync(generation, cancellationToken);

    private static ContractLease<T> Lease(ContractProvider provider, long generation) =>
        new((T)provider.Implementation, provider.Identity, generation, provider.Leases);
}
