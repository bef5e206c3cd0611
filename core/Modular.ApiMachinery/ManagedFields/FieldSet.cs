using System.Text;

namespace Modular.ApiMachinery;

/// <summary>
/// A set of field paths, as <c>fieldsV1</c> holds them. A path in the set says nothing about those above or below it. Immutable and thread-safe; what an
/// operation leaves as it was is the same instance.
/// </summary>
public sealed class FieldSet : IEquatable<FieldSet>
{
    /// <summary>No path at all.</summary>
    public static readonly FieldSet Empty = new([]);

    // Sorted by element; each is a member or has something below it.
    private readonly Node[] _nodes;

    internal FieldSet(Node[] nodes) => _nodes = nodes;

    /// <summary>A set that holds one path.</summary>
    public static FieldSet Of(params ReadOnlySpan<PathElement> path)
    {
        var set = Empty;
        for (var i = path.Length - 1; i >= 0; i--)
        {
            set = new FieldSet([new Node(path[i], i == path.Length - 1, set)]);
        }

        return set;
    }

    /// <summary>True if it holds no path.</summary>
    public bool IsEmpty => _nodes.Length == 0;

    internal ReadOnlySpan<Node> Nodes => _nodes;

    /// <summary>Whether a path is in the set.</summary>
    public bool Contains(params ReadOnlySpan<PathElement> path)
    {
        var set = this;
        for (var i = 0; i < path.Length; i++)
        {
            if (!set.TryFind(path[i], out var node))
            {
                return false;
            }

            if (i == path.Length - 1)
            {
                return node.IsMember;
            }

            set = node.Below;
        }

        return false;
    }

    /// <summary>The paths that are in either set.</summary>
    public FieldSet Union(FieldSet other)
    {
        if (IsEmpty || ReferenceEquals(this, other))
        {
            return other;
        }

        if (other.IsEmpty)
        {
            return this;
        }

        List<Node>? output = null;
        var (i, j) = (0, 0);
        while (i < _nodes.Length || j < other._nodes.Length)
        {
            var order = i == _nodes.Length ? 1 : j == other._nodes.Length ? -1 : _nodes[i].Element.CompareTo(other._nodes[j].Element);
            if (order < 0)
            {
                output?.Add(_nodes[i]);
                i++;
            }
            else if (order > 0)
            {
                output ??= Begin(i);
                output.Add(other._nodes[j++]);
            }
            else
            {
                var (mine, its) = (_nodes[i], other._nodes[j++]);
                var both = new Node(mine.Element, mine.IsMember || its.IsMember, mine.Below.Union(its.Below));
                Put(ref output, i++, mine, both);
            }
        }

        return End(output);
    }

    /// <summary>The paths that are in both sets.</summary>
    public FieldSet Intersection(FieldSet other)
    {
        List<Node>? output = null;
        for (var (i, j) = (0, 0); i < _nodes.Length; i++)
        {
            var mine = _nodes[i];
            var both = other.Advance(ref j, mine.Element)
                ? new Node(mine.Element, mine.IsMember && other._nodes[j].IsMember, mine.Below.Intersection(other._nodes[j].Below))
                : new Node(mine.Element, false, Empty);
            Put(ref output, i, mine, both);
        }

        return End(output);
    }

    /// <summary>The paths that are not in the other set. One whose parent is there stays.</summary>
    public FieldSet Difference(FieldSet other)
    {
        if (IsEmpty || other.IsEmpty)
        {
            return this;
        }

        List<Node>? output = null;
        for (var (i, j) = (0, 0); i < _nodes.Length; i++)
        {
            var mine = _nodes[i];
            var left = other.Advance(ref j, mine.Element)
                ? new Node(mine.Element, mine.IsMember && !other._nodes[j].IsMember, mine.Below.Difference(other._nodes[j].Below))
                : mine;
            Put(ref output, i, mine, left);
        }

        return End(output);
    }

    /// <summary>The paths that are neither in the other set nor below one that is.</summary>
    public FieldSet RecursiveDifference(FieldSet other)
    {
        if (IsEmpty || other.IsEmpty)
        {
            return this;
        }

        List<Node>? output = null;
        for (var (i, j) = (0, 0); i < _nodes.Length; i++)
        {
            var mine = _nodes[i];
            var left = !other.Advance(ref j, mine.Element) ? mine
                : other._nodes[j].IsMember ? new Node(mine.Element, false, Empty)
                : new Node(mine.Element, mine.IsMember, mine.Below.RecursiveDifference(other._nodes[j].Below));
            Put(ref output, i, mine, left);
        }

        return End(output);
    }

    /// <summary>Every path, those above before those below, in the form for people: <c>.spec.containers[name="a"].image</c>.</summary>
    public IReadOnlyList<string> Paths()
    {
        var paths = new List<string>();
        AddPaths("", paths);
        return paths;
    }

    /// <inheritdoc />
    public bool Equals(FieldSet? other) =>
        ReferenceEquals(this, other) || (other is not null && _nodes.AsSpan().SequenceEqual(other._nodes));

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as FieldSet);

    /// <inheritdoc />
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var node in _nodes)
        {
            hash.Add(node);
        }

        return hash.ToHashCode();
    }

    /// <inheritdoc />
    public override string ToString() => string.Join('\n', Paths());

    internal bool TryFind(PathElement element, out Node node)
    {
        var (low, high) = (0, _nodes.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = _nodes[middle].Element.CompareTo(element);
            if (order == 0)
            {
                node = _nodes[middle];
                return true;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        node = default;
        return false;
    }

    private void AddPaths(string prefix, List<string> paths)
    {
        foreach (var node in _nodes)
        {
            if (node.IsMember)
            {
                paths.Add(prefix + node.Element);
            }
        }

        foreach (var node in _nodes)
        {
            node.Below.AddPaths(prefix + node.Element, paths);
        }
    }

    private bool Advance(ref int at, PathElement element)
    {
        while (at < _nodes.Length)
        {
            var order = _nodes[at].Element.CompareTo(element);
            if (order >= 0)
            {
                return order == 0;
            }

            at++;
        }

        return false;
    }

    private void Put(ref List<Node>? output, int place, Node before, Node after)
    {
        if (after.IsMember == before.IsMember && ReferenceEquals(after.Below, before.Below))
        {
            output?.Add(before);
            return;
        }

        output ??= Begin(place);
        if (after.IsMember || !after.Below.IsEmpty)
        {
            output.Add(after);
        }
    }

    private List<Node> Begin(int count)
    {
        var output = new List<Node>(_nodes.Length + 1);
        output.AddRange(_nodes.AsSpan(0, count));
        return output;
    }

    private FieldSet End(List<Node>? output) => output is null ? this : output.Count == 0 ? Empty : new FieldSet([.. output]);

    /// <summary>A step, whether the path that ends here is in the set, and the paths that go on.</summary>
    internal readonly record struct Node(PathElement Element, bool IsMember, FieldSet Below);
}
