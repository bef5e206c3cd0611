using System.Collections.Concurrent;
using Modular.Abstractions;

namespace Modular.PluginProcess.Contracts;

/// <summary>In the child: what was taken by writes that have not ended. Thread-safe.</summary>
internal sealed class OpenReservations
{
    private readonly ConcurrentDictionary<ulong, IReservation> _open = new();

    // What is said about another process's reservations must not end one of this.
    private long _last = Random.Shared.NextInt64(long.MaxValue / 2);

    public ulong Add(IReservation reservation)
    {
        var number = (ulong)Interlocked.Increment(ref _last);
        _open[number] = reservation;
        return number;
    }

    public void End(ulong number, bool kept)
    {
        if (_open.TryRemove(number, out var reservation))
        {
            using (reservation)
            {
                if (kept)
                {
                    reservation.Keep();
                }
            }
        }
    }
}
