namespace Modular.Kernel.Plugins;

/// <summary>A handle that reads the registry's current candidates on every use.</summary>
internal sealed class RegisteredCandidateHandle<T>(ContractProviders candidates) : CandidateHandle<T>
    where T : class
{
    public override long Generation => candidates.Current.Generation;

    public override IReadOnlyList<Candidate<T>> AcquireAll()
    {
        var set = candidates.Current;
        var acquired = new List<Candidate<T>>(set.Providers.Length);
        foreach (var provider in set.Providers)
        {
            // One that refuses is on its way out; the set without it is a change that its reader hears of.
            if (provider.Leases.TryEnter())
            {
                var lease = new ContractLease<T>((T)provider.Implementation, provider.Identity, set.Generation, provider.Leases);
                acquired.Add(new Candidate<T>(lease, provider.Trial!.Trial, provider.Trial.Observer));
            }
        }

        return acquired;
    }

    public override Task WaitForChangeAsync(long generation, CancellationToken cancellationToken) =>
        candidates.WaitForChangeAsync(generation, cancellationToken);
}
