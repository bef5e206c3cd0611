using System.Net;
using System.Net.Sockets;

namespace Modular.Kernel.Plugins;

/// <summary>What one instance of a plugin has borrowed; whatever it keeps is given back when it ends.</summary>
internal sealed class PluginListeners(IListeners host) : IListeners, IDisposable
{
    private readonly Lock _lock = new();
    private readonly HashSet<ListenerLease> _held = [];
    private bool _disposed;

    /// <inheritdoc />
    public ListenerLease Acquire(IPEndPoint endpoint, ProtocolType protocol)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var lent = host.Acquire(endpoint, protocol);
            _held.Add(lent);
            return new ListenerLease(lent.Socket, () => GiveBack(lent));
        }
    }

    public void Dispose()
    {
        ListenerLease[] rest;
        lock (_lock)
        {
            _disposed = true;
            rest = [.. _held];
            _held.Clear();
        }

        foreach (var lent in rest)
        {
            lent.Dispose();
        }
    }

    private void GiveBack(ListenerLease lent)
    {
        lock (_lock)
        {
            _held.Remove(lent);
        }

        lent.Dispose();
    }
}
