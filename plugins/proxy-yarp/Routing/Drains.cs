using System.Net;

namespace Modular.Plugins.ProxyYarp.Routing;

/// <summary>The addresses that are to be given nothing new, since what is there is about to end. Thread-safe.</summary>
internal sealed class Drains(TimeProvider time)
{
    // An endpoint that ended right after it became ready may be told of as ready once more.
    private static readonly TimeSpan LeastForUnknown = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, Drain> _drains = [];
    private volatile HashSet<IPAddress>? _addresses;

    /// <summary>True if there are any.</summary>
    public bool Any => _addresses is not null;

    /// <summary>True for an address that is to be given nothing new.</summary>
    public bool Contains(IPAddress address) => _addresses is { } addresses && addresses.Contains(address);

    /// <summary>Begins a drain, or goes on with it.</summary>
    public void Add(IPAddress address)
    {
        lock (_lock)
        {
            var known = _drains.TryGetValue(address, out var drain);
            _drains[address] = new Drain(time.GetTimestamp(), known && drain.WasReady);
            if (!known)
            {
                Publish();
            }
        }
    }

    /// <summary>Ends the drains of addresses that no service leads to any more: who has them next is somebody else.</summary>
    /// <param name="isReady">Whether a service leads to an address.</param>
    public void Prune(Func<IPAddress, bool> isReady)
    {
        if (!Any)
        {
            return;
        }

        lock (_lock)
        {
            var ended = false;
            foreach (var (address, drain) in _drains)
            {
                if (isReady(address))
                {
                    _drains[address] = drain with { WasReady = true };
                }
                else if (drain.WasReady || time.GetElapsedTime(drain.Asked) > LeastForUnknown)
                {
                    _drains.Remove(address);
                    ended = true;
                }
            }

            if (ended)
            {
                Publish();
            }
        }
    }

    private void Publish() => _addresses = _drains.Count == 0 ? null : [.. _drains.Keys];

    /// <param name="Asked">When it was asked for last.</param>
    /// <param name="WasReady">Whether a service led there since.</param>
    private readonly record struct Drain(long Asked, bool WasReady);
}
