namespace Modular.Kernel.Plugins;

/// <summary>One implementation of a contract, and its place among several.</summary>
internal sealed record ContractProvider(object Implementation, PluginIdentity Identity, LeaseCounter Leases, int Order)
{
    /// <summary>On what it is tried beside the one that provides the contract; null if it provides it.</summary>
    public CandidateTrial? Trial { get; init; }
}

/// <summary>On what a candidate is tried, and who hears of it.</summary>
internal sealed record CandidateTrial(Trial Trial, ITrialObserver Observer);

/// <summary>Who provides a contract at one moment.</summary>
internal sealed class ProviderSet(ContractProvider[] providers, long generation)
{
    public ContractProvider[] Providers { get; } = providers;

    public long Generation { get; } = generation;

    /// <summary>Completes when another set takes over.</summary>
    public TaskCompletionSource Replaced { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>Who provides a contract now. Read without locks; written by the registry alone.</summary>
internal sealed class ContractProviders(string contract)
{
    private volatile ProviderSet _current = new([], 0);

    public string Contract { get; } = contract;

    public ProviderSet Current => _current;

    public Task WaitForChangeAsync(long generation, CancellationToken cancellationToken)
    {
        var set = _current;
        return set.Generation == generation ? set.Replaced.Task.WaitAsync(cancellationToken) : Task.CompletedTask;
    }

    public void Replace(ContractProvider[] providers)
    {
        var old = _current;
        _current = new ProviderSet(providers, old.Generation + 1);
        old.Replaced.SetResult();
    }
}
