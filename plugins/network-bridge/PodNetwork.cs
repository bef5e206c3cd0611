using System.Collections.Concurrent;
using Modular.Abstractions;

namespace Modular.Plugins.NetworkBridge;

/// <summary>
/// The contract: one change of the network at a time, each a matter of a millisecond or two. Only for the removal of a link the kernel waits
/// for all its processors, tens of milliseconds, so those that wait for their turn to be detached go together.
/// </summary>
internal sealed class PodNetwork(Func<BridgeNetwork> open) : IPodNetwork, IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly ConcurrentQueue<Leaving> _leaving = new();
    private BridgeNetwork? _network;

    public ValueTask<PodNetworkInfo> GetInfoAsync(CancellationToken cancellationToken) => DoAsync(network => network.Info(), cancellationToken);

    public ValueTask<PodAttachment> EnsureAttachedAsync(PodAttachmentSpec spec, CancellationToken cancellationToken) =>
        DoAsync(network => network.Attach(spec), cancellationToken);

    public async ValueTask DetachAsync(string sandboxId, CancellationToken cancellationToken)
    {
        var leaving = new Leaving(sandboxId, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        _leaving.Enqueue(leaving);
        await DoAsync(DetachWaiting, cancellationToken).ConfigureAwait(false);
        await leaving.Done.Task.ConfigureAwait(false);
    }

    public ValueTask<IReadOnlyList<PodAttachment>> ListAsync(CancellationToken cancellationToken) => DoAsync(network => network.List(), cancellationToken);

    public void Dispose()
    {
        _network?.Dispose();
        _turn.Dispose();
    }

    private bool DetachWaiting(BridgeNetwork network)
    {
        var together = new List<Leaving>();
        while (_leaving.TryDequeue(out var next))
        {
            together.Add(next);
        }

        try
        {
            network.Detach([.. together.Select(leaving => leaving.SandboxId)]);
            together.ForEach(leaving => leaving.Done.SetResult());
        }
        catch (Exception exception)
        {
            together.ForEach(leaving => leaving.Done.SetException(exception));
        }

        return true;
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

    private sealed record Leaving(string SandboxId, TaskCompletionSource Done);
}
