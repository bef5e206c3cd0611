using Modular.Abstractions;

namespace Modular.Toolkit;

/// <summary>Counts why nodes were refused, in Kubernetes' words. Not thread-safe.</summary>
public sealed class RefusalTally
{
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Key, string Value), int> _taints = [];

    /// <summary>One more node was refused for a reason.</summary>
    public void Add(string reason) => _counts[reason] = _counts.GetValueOrDefault(reason) + 1;

    /// <summary>One more node was refused for a taint.</summary>
    public void AddTaint(Taint taint)
    {
        var key = (taint.Key, taint.Value);
        _taints[key] = _taints.GetValueOrDefault(key) + 1;
    }

    /// <summary>The reasons and their numbers, ordered by reason.</summary>
    public IReadOnlyList<RefusedNodes> ToList()
    {
        var list = new List<RefusedNodes>(_counts.Count + _taints.Count);
        foreach (var (reason, count) in _counts)
        {
            list.Add(new RefusedNodes(reason, count));
        }

        foreach (var (taint, count) in _taints)
        {
            list.Add(new RefusedNodes($"node(s) had untolerated taint {{{taint.Key}: {taint.Value}}}", count));
        }

        list.Sort(static (a, b) => string.CompareOrdinal(a.Reason, b.Reason));
        return list;
    }

    /// <summary>Such as <c>0/3 nodes are available: 1 Insufficient cpu, 2 Insufficient memory.</c></summary>
    public static string Describe(int nodes, IReadOnlyList<RefusedNodes> refused)
    {
        if (nodes == 0)
        {
            return "no nodes available to schedule pods";
        }

        // Kubernetes orders the parts as texts, numbers included.
        var parts = new string[refused.Count];
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = $"{refused[i].Count} {refused[i].Reason}";
        }

        Array.Sort(parts, StringComparer.Ordinal);
        var available = $"0/{nodes} nodes are available";
        return parts.Length == 0 ? $"{available}." : $"{available}: {string.Join(", ", parts)}.";
    }
}
