using Modular.ApiMachinery;

namespace Modular.Plugins.Controllers.ReplicationControllers;

/// <summary>
/// What a controller did that its informer may not show yet: without it a lagging informer would have pods created or deleted twice.
/// Created pods count as seen once an event showed them, even if they are gone again. Thread-safe.
/// </summary>
internal sealed class Expectations(TimeProvider time)
{
    // A pod that no event ever shows must not stop its controller for good.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<ObjectName, Pending> _pending = [];

    /// <summary>From now on events of the controller's pods are remembered, since one may come before the answer to the request does.</summary>
    public void Begin(ObjectName controller)
    {
        lock (_gate)
        {
            _pending[controller] = new Pending { Since = time.GetUtcNow() };
        }
    }

    /// <summary>A pod was created.</summary>
    public void Created(ObjectName controller, ApiObject pod)
    {
        lock (_gate)
        {
            if (_pending.TryGetValue(controller, out var pending) && !pending.Seen.Contains(pod.Metadata.Uid))
            {
                pending.Created[pod.Metadata.Uid] = pod.Name;
            }
        }
    }

    /// <summary>A pod was asked to go.</summary>
    public void Deleted(ObjectName controller, ApiObject pod)
    {
        lock (_gate)
        {
            if (_pending.TryGetValue(controller, out var pending))
            {
                pending.Deleted[pod.Metadata.Uid] = pod.Name;
            }
        }
    }

    /// <summary>The pod stays after all.</summary>
    public void NotDeleted(ObjectName controller, ApiObject pod)
    {
        lock (_gate)
        {
            if (_pending.TryGetValue(controller, out var pending))
            {
                pending.Deleted.Remove(pod.Metadata.Uid);
            }
        }
    }

    /// <summary>An event showed a pod of the controller.</summary>
    public void Saw(ObjectName controller, string uid)
    {
        lock (_gate)
        {
            if (_pending.TryGetValue(controller, out var pending))
            {
                pending.Seen.Add(uid);
                pending.Created.Remove(uid);
            }
        }
    }

    /// <summary>Whether the informer shows everything the controller did.</summary>
    public bool AreMet(ObjectName controller, Func<ObjectName, ApiObject?> lookup)
    {
        lock (_gate)
        {
            if (!_pending.TryGetValue(controller, out var pending))
            {
                return true;
            }

            foreach (var (uid, name) in pending.Deleted)
            {
                if (lookup(name) is not { } pod || pod.Metadata.Uid != uid || pod.Metadata.DeletionTimestamp is not null)
                {
                    pending.Deleted.Remove(uid);
                }
            }

            if ((pending.Created.Count > 0 || pending.Deleted.Count > 0) && time.GetUtcNow() - pending.Since < LongestWait)
            {
                return false;
            }

            _pending.Remove(controller);
            return true;
        }
    }

    /// <summary>Created pods, by uid, that no event has shown yet.</summary>
    public List<KeyValuePair<string, ObjectName>> Unseen(ObjectName controller)
    {
        lock (_gate)
        {
            return _pending.TryGetValue(controller, out var pending) ? [.. pending.Created] : [];
        }
    }

    /// <summary>The controller is gone.</summary>
    public void Forget(ObjectName controller)
    {
        lock (_gate)
        {
            _pending.Remove(controller);
        }
    }

    private sealed class Pending
    {
        public required DateTimeOffset Since { get; init; }

        public Dictionary<string, ObjectName> Created { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Seen { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, ObjectName> Deleted { get; } = new(StringComparer.Ordinal);
    }
}
