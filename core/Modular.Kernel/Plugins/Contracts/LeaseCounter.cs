namespace Modular.Kernel.Plugins;

/// <summary>
/// Counts the calls that are in a plugin, and says when the last one has left. It is what every lease disposes, so that taking a lease
/// allocates nothing; a lease must therefore be disposed once.
/// </summary>
internal sealed class LeaseCounter : IDisposable
{
    private const long Closed = 1L << 62;

    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _state;

    /// <summary>Leases held now.</summary>
    public long Held => Interlocked.Read(ref _state) & ~Closed;

    /// <summary>Counts one lease more, unless the plugin is draining.</summary>
    public bool TryEnter()
    {
        if ((Interlocked.Increment(ref _state) & Closed) == 0)
        {
            return true;
        }

        Dispose();
        return false;
    }

    /// <summary>Admits no new leases; completes when the last one is given back.</summary>
    public Task DrainAsync()
    {
        if ((Interlocked.Or(ref _state, Closed) & ~Closed) == 0)
        {
            _drained.TrySetResult();
        }

        return _drained.Task;
    }

    /// <summary>Gives one lease back.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _state) == Closed)
        {
            _drained.TrySetResult();
        }
    }
}
