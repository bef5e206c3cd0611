using System.Net;

namespace Modular.Plugins.ProxyYarp.Routing;

/// <summary>Remembers which endpoint each client of a port was led to, until it has not come for a while. Thread-safe.</summary>
internal sealed class ClientAffinity(TimeSpan timeout, TimeProvider time)
{
    private const int MostClients = 65_536;

    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, LinkedListNode<Entry>> _clients = [];
    private readonly LinkedList<Entry> _byLastUse = [];

    /// <summary>How long a client that does not come stays with its endpoint.</summary>
    public TimeSpan Timeout => timeout;

    /// <summary>The index of the client's endpoint among those ready; the proposed one if it has none there.</summary>
    public int Place(IPAddress client, Backend[] ready, int proposed)
    {
        lock (_lock)
        {
            Forget();
            if (_clients.TryGetValue(client, out var node) && Array.IndexOf(ready, node.Value.Backend) is var index and >= 0)
            {
                Touch(node, node.Value.Backend);
                return index;
            }

            Put(client, ready[proposed]);
            return proposed;
        }
    }

    /// <summary>Leads a client to another endpoint from now on.</summary>
    public void Move(IPAddress client, Backend backend)
    {
        lock (_lock)
        {
            Put(client, backend);
        }
    }

    private void Put(IPAddress client, Backend backend)
    {
        if (_clients.TryGetValue(client, out var node))
        {
            Touch(node, backend);
            return;
        }

        if (_clients.Count == MostClients)
        {
            Remove(_byLastUse.First!);
        }

        _clients[client] = _byLastUse.AddLast(new Entry(client, backend, time.GetTimestamp()));
    }

    private void Touch(LinkedListNode<Entry> node, Backend backend)
    {
        node.Value = node.Value with { Backend = backend, LastUse = time.GetTimestamp() };
        _byLastUse.Remove(node);
        _byLastUse.AddLast(node);
    }

    private void Forget()
    {
        while (_byLastUse.First is { } oldest && time.GetElapsedTime(oldest.Value.LastUse) > timeout)
        {
            Remove(oldest);
        }
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _byLastUse.Remove(node);
        _clients.Remove(node.Value.Client);
    }

    private readonly record struct Entry(IPAddress Client, Backend Backend, long LastUse);
}
