namespace Modular.Kernel;

/// <summary>A handle on providers that never change: for tests, and for hosts without plugins.</summary>
public sealed class FixedContractHandle<T>(params T[] providers) : ContractHandle<T>
    where T : class
{
    private static readonly PluginIdentity Provider = new("fixed", "fixed", "0.0.0", 1);

    /// <inheritdoc />
    public override bool IsAvailable => providers.Length > 0;

    /// <inheritdoc />
    public override long Generation => 1;

    /// <inheritdoc />
    public override ContractLease<T> Acquire() =>
        TryAcquire(out var lease) ? lease : throw new ContractUnavailableException(typeof(T).Name);

    /// <inheritdoc />
    public override bool TryAcquire(out ContractLease<T> lease)
    {
        lease = IsAvailable ? Lease(providers[0]) : default;
        return IsAvailable;
    }

    /// <inheritdoc />
    public override IReadOnlyList<ContractLease<T>> AcquireAll() => [.. providers.Select(Lease)];

    /// <inheritdoc />
    public override Task WaitForChangeAsync(long generation, CancellationToken cancellationToken) =>
        generation == Generation ? Task.Delay(Timeout.Infinite, cancellationToken) : Task.CompletedTask;

    private static ContractLease<T> Lease(T provider) => new(provider, Provider, 1, null);
}
