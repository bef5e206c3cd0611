using Modular.Abstractions;

namespace Modular.Plugins.NetworkBridge;

/// <summary>The contract: one change of the network at a time, each a matter of a millisecond or two.</summary>
internal sealed class PodNetwork(Func<BridgeNetwork> open) : IPodNetwork, IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private BridgeNetwork? _network;

    public ValueTask<PodNetworkInfo> GetInfoAsync(CancellationToken cancellationToken) => DoAsync(network => network.Info(), cancellationToken);

    public ValueTask<PodAttachment> EnsureAttachedAsync(PodAttachmentSpec spec, CancellationToken cancellationToken) =>
        DoAsync(network => network.Attach(spec), cancellationToken);

    public async ValueTask DetachAsync(string sandboxId, CancellationToken cancellationToken) =>
        await DoAsync(
            network =>
            {
                network.Detach(sandboxId);
                return true;
            },
            cancellationToken).ConfigureAwait(false);

    public ValueTask<IReadOnlyList<PodAttachment>> ListAsync(CancellationToken cancellationToken) => DoAsync(network => network.List(), cancellationToken);

    public void Dispose()
    {
        _network?.Dispose();
        _turn.Dispose();
    }

    private async ValueTask<T> DoAsync<T>(Func<BridgeNetwork, T> action, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return action(_network ??= open());
        }
        finally
        {
            _turn.Release();
        }
    }
}
