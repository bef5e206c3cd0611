using System.Runtime.InteropServices;

namespace Modular.ApiMachinery;

/// <summary>
/// Builds sets from the leaves up: whoever walks an object marks where a container begins, adds what is in it, and takes it out as a set. One list
/// serves all levels. Not thread-safe.
/// </summary>
internal sealed class FieldSetBuilder
{
    private static readonly Comparison<FieldSet.Node> ByElement = (a, b) => a.Element.CompareTo(b.Element);

    private readonly List<FieldSet.Node> _nodes = [];

    /// <summary>Where a container begins.</summary>
    public int Begin() => _nodes.Count;

    /// <summary>Adds a step unless it leads to nothing. Each may be added once to a container.</summary>
    public void Add(PathElement element, bool isMember, FieldSet below)
    {
        if (isMember || !below.IsEmpty)
        {
            _nodes.Add(new FieldSet.Node(element, isMember, below));
        }
    }

    /// <summary>What was added since a container began.</summary>
    public FieldSet End(int begin)
    {
        if (_nodes.Count == begin)
        {
            return FieldSet.Empty;
        }

        var nodes = CollectionsMarshal.AsSpan(_nodes)[begin..].ToArray();
        _nodes.RemoveRange(begin, nodes.Length);
        nodes.AsSpan().Sort(ByElement);
        return new FieldSet(nodes);
    }
}
