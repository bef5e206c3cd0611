using Modular.Abstractions;

namespace Modular.PluginProcess.Contracts;

/// <summary>In the child: what was taken by writes that have not ended. Thread-safe.</summary>
internal sealed class OpenReservations
{
    // A write that was given up may end before what it takes is taken.
    private const int MostEndedEarly = 4096;

    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, IReservation> _open = [];
    private readonly HashSet<ulong> _endedEarly = [];
    private readonly Queue<ulong> _oldest = new();

    /// <summary>Keeps what was taken until its number is ended.</summary>
    public void Add(ulong number, IReservation reservation)
    {
        lock (_lock)
        {
            if (!_endedEarly.Remove(number))
            {
                _open[number] = reservation;
                return;
            }
        }

        reservation.Dispose();
    }

    public void End(ulong number, bool kept)
    {
        IReservation? reservation;
        lock (_lock)
        {
            if (!_open.Remove(number, out reservation))
            {
                _endedEarly.Add(number);
                _oldest.Enqueue(number);
                if (_oldest.Count > MostEndedEarly)
                {
                    _endedEarly.Remove(_oldest.Dequeue());
                }

                return;
            }
        }

        using (reservation)
        {
            if (kept)
            {
                reservation.Keep();
            }
        }
    }
}
