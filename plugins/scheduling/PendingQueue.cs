using Modular.ApiMachinery;
using Modular.Toolkit;

namespace Modular.Plugins.Scheduling;

/// <summary>
/// Pods without a node: those ready for the next batch in their order, those that back off, and those that wait until the cluster has
/// changed in their favour. Entries that left a heap's state are skipped when they come up. One caller at a time.
/// </summary>
internal sealed class PendingQueue(SchedulingOptions options, TimeProvider time)
{
    private readonly Dictionary<string, PendingPod> _byUid = new(StringComparer.Ordinal);
    private readonly PriorityQueue<PendingPod, PendingOrder> _ready = new();
    private readonly PriorityQueue<PendingPod, DateTimeOffset> _backingOff = new();
    private readonly HashSet<PendingPod> _unschedulable = [];
    private readonly List<PendingPod> _activated = [];
    private long _arrivals;

    public int Count => _byUid.Count;

    public int Ready { get; private set; }

    public int Unschedulable => _unschedulable.Count;

    /// <summary>When the next back-off ends; null if none runs.</summary>
    public DateTimeOffset? NextDue
    {
        get
        {
            while (_backingOff.TryPeek(out var pod, out var due))
            {
                if (pod.State == PendingState.BackingOff && pod.NotBefore == due)
                {
                    return due;
                }

                _backingOff.Dequeue();
            }

            return null;
        }
    }

    /// <summary>A pod without a node appeared or changed. A change of what it asks for gives it another chance.</summary>
    public void Put(ApiObject obj)
    {
        var uid = obj.Metadata.Uid;
        if (!_byUid.TryGetValue(uid, out var pod))
        {
            pod = new PendingPod(obj, _arrivals++);
            _byUid.Add(uid, pod);
            Enter(pod, PendingState.Ready);
            return;
        }

        var changed = obj.Metadata.Generation != pod.Object.Metadata.Generation;
        pod.Object = obj;
        if (changed)
        {
            pod.Pod = PodReading.Read(obj);
            if (pod.State == PendingState.Unschedulable)
            {
                Activate(pod);
            }
        }
    }

    /// <summary>The pod needs no node any more.</summary>
    public void Remove(string uid)
    {
        if (_byUid.Remove(uid, out var pod))
        {
            Enter(pod, PendingState.Gone);
        }
    }

    /// <summary>Takes the next pods for a batch.</summary>
    public void Take(List<PendingPod> batch, int most)
    {
        while (batch.Count < most && _ready.TryDequeue(out var pod, out _))
        {
            if (pod.State == PendingState.Ready)
            {
                Enter(pod, PendingState.InFlight);
                batch.Add(pod);
            }
        }
    }

    /// <summary>
    /// The pod fits nowhere now; it waits for a change in its favour. The first such change gives it its chance at once; whoever was refused
    /// more than once also waits for the back-off.
    /// </summary>
    public void Park(PendingPod pod)
    {
        if (pod.State == PendingState.InFlight)
        {
            CountAttempt(pod, pod.Attempts == 0 ? TimeSpan.Zero : BackOffAfter(pod.Attempts - 1));
            Enter(pod, PendingState.Unschedulable);
        }
    }

    /// <summary>Something went wrong with the pod; it is tried again after its back-off.</summary>
    public void Retry(PendingPod pod)
    {
        if (pod.State == PendingState.InFlight)
        {
            CountAttempt(pod, BackOffAfter(pod.Attempts));
            Enter(pod, PendingState.BackingOff);
        }
    }

    /// <summary>The pod goes back to its place through no fault of its own.</summary>
    public void Return(PendingPod pod)
    {
        if (pod.State == PendingState.InFlight)
        {
            Enter(pod, PendingState.Ready);
        }
    }

    /// <summary>A node has more room or other properties: whoever fits there now gets another chance.</summary>
    public void ActivateFitting(NodeRoom room)
    {
        if (_unschedulable.Count == 0)
        {
            return;
        }

        _activated.Clear();
        foreach (var pod in _unschedulable)
        {
            if (NodeFit.Fits(room, pod.Pod))
            {
                _activated.Add(pod);
            }
        }

        foreach (var pod in _activated)
        {
            Activate(pod);
        }
    }

    /// <summary>Past refusals mean nothing any more, with another scheduler or the first node: everybody gets another chance at once.</summary>
    public void ActivateAll()
    {
        foreach (var pod in _byUid.Values)
        {
            if (pod.State is PendingState.Unschedulable or PendingState.BackingOff)
            {
                pod.Attempts = 0;
                Enter(pod, PendingState.Ready);
            }
        }
    }

    /// <summary>Pods whose back-off has ended become ready.</summary>
    public void MoveDue()
    {
        var now = time.GetUtcNow();
        while (NextDue is { } due && due <= now)
        {
            Enter(_backingOff.Dequeue(), PendingState.Ready);
        }
    }

    private void Activate(PendingPod pod) =>
        Enter(pod, pod.NotBefore <= time.GetUtcNow() ? PendingState.Ready : PendingState.BackingOff);

    private TimeSpan BackOffAfter(int attempts) => BackOffDelay.After(options.FirstBackOff, options.LongestBackOff, attempts);

    private void CountAttempt(PendingPod pod, TimeSpan wait)
    {
        pod.NotBefore = time.GetUtcNow() + wait;
        pod.Attempts++;
    }

    private void Enter(PendingPod pod, PendingState state)
    {
        if (pod.State == state)
        {
            return;
        }

        if (pod.State == PendingState.Ready)
        {
            Ready--;
        }
        else if (pod.State == PendingState.Unschedulable)
        {
            _unschedulable.Remove(pod);
        }

        pod.State = state;
        switch (state)
        {
            case PendingState.Ready:
                Ready++;
                _ready.Enqueue(pod, pod.Order);
                break;
            case PendingState.BackingOff:
                _backingOff.Enqueue(pod, pod.NotBefore);
                break;
            case PendingState.Unschedulable:
                _unschedulable.Add(pod);
                break;
        }
    }
}
