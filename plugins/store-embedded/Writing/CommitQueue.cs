namespace Modular.Plugins.StoreEmbedded.Writing;

/// <summary>Commits that wait for the writer; it takes all of them at once, in order.</summary>
internal sealed class CommitQueue
{
    private readonly object _gate = new();
    private List<PendingCommit> _waiting = [];
    private bool _woken;
    private bool _closed;

    /// <summary>Adds a commit; false if the queue is closed.</summary>
    public bool TryAdd(PendingCommit commit)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return false;
            }

            _waiting.Add(commit);
            if (_waiting.Count == 1)
            {
                Monitor.Pulse(_gate);
            }

            return true;
        }
    }

    /// <summary>Lets the writer look around although nothing waits.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            _woken = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Takes no more; what waits is still handed out.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>
    /// Waits for commits, or to be woken, and exchanges the empty list given for the one with all that wait. False once the queue is closed
    /// and empty.
    /// </summary>
    public bool Take(ref List<PendingCommit> taken)
    {
        lock (_gate)
        {
            while (_waiting.Count == 0 && !_woken && !_closed)
            {
                Monitor.Wait(_gate);
            }

            _woken = false;
            (taken, _waiting) = (_waiting, taken);
            return taken.Count > 0 || !_closed;
        }
    }
}
