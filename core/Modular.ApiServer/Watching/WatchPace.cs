namespace Modular.ApiServer;

/// <summary>
/// Tells when a watch is so busy that its events shall share sendings: a token bucket of events. Belongs to one watch.
/// </summary>
internal sealed class WatchPace(TimeProvider time)
{
    /// <summary>Events a second that are sent one by one.</summary>
    private const double Rate = 300;

    /// <summary>Events that may come at once before they count as busy, and how long a time of being busy is remembered.</summary>
    private const double Burst = 10;

    private long _sent = time.GetTimestamp();
    private double _tokens = Burst;

    /// <summary>Counts a sending of so many events.</summary>
    /// <returns>Whether the watch is busy.</returns>
    public bool Sent(int events)
    {
        var now = time.GetTimestamp();
        _tokens = Math.Clamp(_tokens + (time.GetElapsedTime(_sent, now).TotalSeconds * Rate), -Burst, Burst) - events;
        _sent = now;
        return _tokens < 0;
    }
}
