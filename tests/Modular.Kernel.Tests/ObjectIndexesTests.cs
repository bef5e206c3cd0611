using System.Text;

namespace Modular.Kernel.Tests;

public sealed class ObjectIndexesTests
{
    private static readonly string[] Colors = ["red", "green", "blue"];
    private readonly SortedObjects _objects = new();
    private readonly ObjectIndexes _indexes;

    public ObjectIndexesTests() => _indexes = new ObjectIndexes(_objects);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void An_index_finds_what_a_scan_finds_whenever_it_was_made(int seed)
    {
        var random = new Random(seed);
        for (var step = 1; step <= 5000; step++)
        {
            var key = $"w{random.Next(200)}";
            var current = random.Next(4) == 0 ? null : Item(key, step, Colors[random.Next(3)], Colors[random.Next(3)]);
            _indexes.Apply(current is null ? _objects.Remove(key) : _objects.Set(current), current);
            if (step > 1000 && step % 50 == 0)
            {
                var color = Colors[random.Next(3)];
                Assert.Equal(Scan(item => item.Object.Metadata.Labels["color"] == color), Keys(Select($"color={color}", "")));
                Assert.Equal(Scan(item => item.Fields[0] == color), Keys(Select("", $"spec.node={color}")));
            }
        }
    }

    [Fact]
    public void Labels_beyond_the_indexed_ones_are_looked_for_by_scanning()
    {
        var item = Item("w", 1, "red", "");
        _indexes.Apply(_objects.Set(item), item);
        for (var i = 0; i < 64; i++)
        {
            Assert.Empty(Select($"label-{i}=x", "")!);
        }

        Assert.Null(Select("color=red", ""));
        Assert.Single(Select("", "spec.node=")!);
    }

    private IReadOnlyCollection<CachedObject>? Select(string labels, string fields) =>
        _indexes.Narrow(ObjectSelector.Parse(Kinds.Widget(), "", labels, fields));

    private List<string> Scan(Func<CachedObject, bool> isFound)
    {
        var found = new List<string>();
        var snapshot = _objects.TakeSnapshot();
        var position = default(ObjectSnapshot.Position);
        while (snapshot.Next(ref position) is { } item)
        {
            if (isFound(item))
            {
                found.Add(item.Key);
            }
        }

        return found;
    }

    private static List<string> Keys(IReadOnlyCollection<CachedObject>? found) => [.. found!.Select(static item => item.Key).Order(StringComparer.Ordinal)];

    private static CachedObject Item(string key, long revision, string color, string node) => new(
        key,
        new ApiObject(
            new GroupVersionKind("test.dev", "v1", "Widget"),
            Encoding.UTF8.GetBytes($$$$"""{"apiVersion":"test.dev/v1","kind":"Widget","metadata":{"name":"{{{{key}}}}","labels":{"color":"{{{{color}}}}"}}}"""),
            revision),
        [node, "New"]);
}
