using System.Text;

namespace Modular.Kernel.Tests;

public sealed class SortedObjectsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Snapshots_never_change_and_the_order_always_holds(int seed)
    {
        var random = new Random(seed);
        var sorted = new SortedObjects();
        var model = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var snapshots = new List<(ObjectSnapshot Snapshot, List<(string, long)> Expected)>();
        for (var step = 1; step <= 20_000; step++)
        {
            var key = $"k{random.Next(3000)}";
            if (random.Next(3) == 0)
            {
                Assert.Equal(model.Remove(key), sorted.Remove(key) is not null);
            }
            else
            {
                Assert.Equal(model.TryGetValue(key, out var before), sorted.Set(Item(key, step)) is { } old && old.Object.Revision == before);
                model[key] = step;
            }

            if (step % 2500 == 0)
            {
                snapshots.Add((sorted.TakeSnapshot(), [.. model.Select(m => (m.Key, m.Value))]));
            }
        }

        Assert.Equal(model.Count, sorted.Count);
        Assert.All(snapshots, s => Assert.Equal(s.Expected, Read(s.Snapshot)));
        Assert.All(model, m => Assert.Equal(m.Value, sorted.Find(m.Key)!.Object.Revision));
    }

    private static List<(string, long)> Read(ObjectSnapshot snapshot)
    {
        var read = new List<(string, long)>();
        var position = default(ObjectSnapshot.Position);
        while (snapshot.Next(ref position) is { } item)
        {
            read.Add((item.Key, item.Object.Revision));
        }

        return read;
    }

    private static CachedObject Item(string key, long revision) => new(
        key,
        new ApiObject(
            new GroupVersionKind("", "v1", "T"), Encoding.UTF8.GetBytes("""{"apiVersion":"v1","kind":"T","metadata":{}}"""), revision),
        []);
}
