namespace Modular.Kernel.Plugins;

/// <summary>One implementation of a contract, and its place among several.</summary>
internal sealed record ContractProvider(object Implementation, PluginIdentity Identity, LeaseCounter Leases, int Order);

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

    public void Replace(ContractProvider[] providers)
    {
        var old = _current;
        _current = new ProviderSet(providers, old.Generation + 1);
        old.Replaced.SetResult();
    }
}
