using Modular.Models;

namespace Modular.Plugins.Controllers.NodeLifecycle;

/// <summary>
/// How long nodes have been silent or absent, by this process's own clock: the renewals of a node count when they are seen, so that a
/// node with a wrong clock is not taken for dead. Thread-safe.
/// </summary>
internal sealed class NodeHealth(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Sign> _signs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _absentSince = new(StringComparer.Ordinal);

    /// <summary>How long ago the last sign of life was seen; the first look counts as one.</summary>
    public TimeSpan SilentFor(string name, Node node, Lease? lease)
    {
        var renewed = lease?.Spec.RenewTime;
        var heartbeat = Condition.Find(node.Status.Conditions, "Ready") is { Status: not "Unknown" } ready ? ready.LastHeartbeatTime : null;
        var now = time.GetUtcNow();
        lock (_gate)
        {
            _absentSince.Remove(name);
            if (_signs.TryGetValue(name, out var sign)
                && (renewed is null || renewed == sign.Renewed) && (heartbeat is null || heartbeat == sign.Heartbeat))
            {
                return now - sign.Seen;
            }

            _signs[name] = new Sign(renewed, heartbeat, now);
            return TimeSpan.Zero;
        }
    }

    /// <summary>How long a node has been gone; the first look counts as the beginning.</summary>
    public TimeSpan AbsentFor(string name)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            _signs.Remove(name);
            if (!_absentSince.TryGetValue(name, out var since))
            {
                _absentSince[name] = since = now;
            }

            return now - since;
        }
    }

    /// <summary>Nothing depends on the node any more.</summary>
    public void Forget(string name)
    {
        lock (_gate)
        {
            _signs.Remove(name);
            _absentSince.Remove(name);
        }
    }

    private readonly record struct Sign(DateTimeOffset? Renewed, DateTimeOffset? Heartbeat, DateTimeOffset Seen);
}
