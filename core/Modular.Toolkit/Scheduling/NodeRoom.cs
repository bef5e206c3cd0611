using Modular.Abstractions;

namespace Modular.Toolkit;

/// <summary>A node and what the pods on it take. Not thread-safe.</summary>
public sealed class NodeRoom(SchedulingNode node)
{
    // Pods can be put on a node by hand, with requests that no 64 bits hold together.
    private Int128 _milliCpu;
    private Int128 _memory;
    private Dictionary<string, Int128>? _extended;
    private List<HostPort>? _ports;
    private Dictionary<string, int>? _owners;

    /// <summary>The node.</summary>
    public SchedulingNode Node { get; set; } = node;

    /// <summary>CPU taken, in thousandths of a core; the highest number if it is more.</summary>
    public long MilliCpu { get; private set; }

    /// <summary>Memory taken, in bytes; the highest number if it is more.</summary>
    public long Memory { get; private set; }

    /// <summary>Number of pods.</summary>
    public long Pods { get; private set; }

    /// <summary>The ports taken; may hold a port twice only if pods were put here without a check.</summary>
    public IReadOnlyList<HostPort> HostPorts => _ports ?? (IReadOnlyList<HostPort>)[];

    /// <summary>How much of another resource is taken; the highest number if it is more.</summary>
    public long Extended(string resource) => _extended is null ? 0 : Bounded(_extended.GetValueOrDefault(resource));

    /// <summary>How many pods of a controller are here.</summary>
    public int Siblings(string ownerUid) => _owners is null || ownerUid.Length == 0 ? 0 : _owners.GetValueOrDefault(ownerUid);

    /// <summary>A pod takes its room, whether there is any or not.</summary>
    public void Add(SchedulingPod pod) => Change(pod, 1);

    /// <summary>A pod gives its room back.</summary>
    public void Remove(SchedulingPod pod) => Change(pod, -1);

    private void Change(SchedulingPod pod, int sign)
    {
        var requests = pod.Requests;
        _milliCpu += sign * (Int128)requests.MilliCpu;
        _memory += sign * (Int128)requests.Memory;
        MilliCpu = Bounded(_milliCpu);
        Memory = Bounded(_memory);
        Pods += sign * requests.Pods;
        if (requests.Extended.Count > 0)
        {
            _extended ??= new Dictionary<string, Int128>(StringComparer.Ordinal);
            foreach (var (name, amount) in requests.Extended)
            {
                _extended[name] = _extended.GetValueOrDefault(name) + (sign * (Int128)amount);
            }
        }

        if (pod.HostPorts.Count > 0)
        {
            ChangePorts(pod.HostPorts, sign);
        }

        if (pod.OwnerUid.Length > 0)
        {
            ChangeOwner(pod.OwnerUid, sign);
        }
    }

    private static long Bounded(Int128 amount) => amount > long.MaxValue ? long.MaxValue : (long)amount;

    private void ChangePorts(IReadOnlyList<HostPort> ports, int sign)
    {
        _ports ??= [];
        for (var i = 0; i < ports.Count; i++)
        {
            if (sign > 0)
            {
                _ports.Add(ports[i]);
            }
            else
            {
                _ports.Remove(ports[i]);
            }
        }
    }

    private void ChangeOwner(string owner, int sign)
    {
        _owners ??= new Dictionary<string, int>(StringComparer.Ordinal);
        var count = _owners.GetValueOrDefault(owner) + sign;
        if (count > 0)
        {
            _owners[owner] = count;
        }
        else
        {
            _owners.Remove(owner);
        }
    }
}
