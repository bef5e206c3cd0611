namespace Modular.Kernel.Tests;

/// <summary>Random writes while watchers with all kinds of selections join and leave; each must end with exactly what a list shows.</summary>
public sealed class WatchModelTests
{
    private static readonly string[] Selections = ["", "l=1", "l!=1", "l in (0,2)", "!l"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Watchers_lose_nothing_and_see_nothing_twice(int seed)
    {
        await using var kernel = await TestKernel.StartAsync();
        var random = new Random(seed);
        var followers = new List<Follower>();
        for (var step = 0; step < 600; step++)
        {
            await WriteAsync(kernel, random);
            if (step % 20 == 0)
            {
                var list = await kernel.ListAsync(new ListOptions { LabelSelector = Selections[step / 20 % Selections.Length] });
                followers.Add(await Follower.JoinAsync(kernel, list, Selections[step / 20 % Selections.Length], step % 40 == 0));
            }

            if (followers.Count > 12)
            {
                var leaving = followers[random.Next(followers.Count)];
                followers.Remove(leaving);
                await leaving.DemandAsync(kernel);
            }
        }

        foreach (var follower in followers)
        {
            await follower.DemandAsync(kernel);
        }
    }

    private static async Task WriteAsync(TestKernel kernel, Random random)
    {
        var name = $"w{random.Next(12)}";
        try
        {
            switch (random.Next(4))
            {
                case 0:
                    await kernel.CreateAsync($$$"""{"metadata":{"name":"{{{name}}}","labels":{"l":"{{{random.Next(3)}}}"} } }""");
                    break;
                case 1:
                    await kernel.DeleteAsync(name);
                    break;
                case 2:
                    await kernel.MergeAsync(name, $$$"""{"metadata":{"labels":{"l":"{{{random.Next(3)}}}"} } }""");
                    break;
                default:
                    await kernel.MergeAsync(name, $$$"""{"metadata":{"labels":{"l":null}},"spec":{"replicas":{{{random.Next(50)}}}}}""");
                    break;
            }
        }
        catch (ApiException error) when (error.Reason is StatusReason.AlreadyExists or StatusReason.NotFound)
        {
            // The random write did not fit what is there.
        }
    }

    /// <summary>Keeps the state that a client knows from a list, or from initial events, and the events after it.</summary>
    private sealed class Follower(WatchReader reader, string selection, Dictionary<string, long> known)
    {
        private long _last;

        public static async Task<Follower> JoinAsync(TestKernel kernel, ListResult list, string selection, bool fromList)
        {
            var options = new ListOptions { LabelSelector = selection, ResourceVersion = fromList ? $"{list.Revision}" : "" };
            var session = await WatchTests.WatchAsync(kernel, options);
            var known = fromList ? list.Items.ToDictionary(o => o.Metadata.Name, o => o.Revision) : [];
            return new Follower(new WatchReader(session), selection, known);
        }

        public async Task DemandAsync(TestKernel kernel)
        {
            // Enters and leaves every selection, so its last event says that all before it were read.
            await kernel.CreateAsync("""{"metadata":{"name":"end","labels":{"l":"1"}}}""");
            await kernel.MergeAsync("end", """{"metadata":{"labels":{"l":"2"}}}""");
            await kernel.MergeAsync("end", """{"metadata":{"labels":{"l":null}}}""");
            var last = (await kernel.DeleteAsync("end")).Object.Revision;
            while (!IsAtEnd(last))
            {
                Apply(Assert.Single(await reader.TakeAsync(1)));
            }

            var expected = await kernel.ListAsync(new ListOptions { LabelSelector = selection });
            Assert.Equal(
                expected.Items.Select(o => (o.Metadata.Name, o.Revision)).Order(), known.Select(k => (k.Key, k.Value)).Order());
            await reader.DisposeAsync();
        }

        private bool IsAtEnd(long deleted) => _last >= (selection switch
        {
            "l=1" => deleted - 2,
            "l in (0,2)" => deleted - 1,
            _ => deleted,
        });

        private void Apply(WatchEvent change)
        {
            var name = change.Object.Metadata.Name;
            switch (change.Type)
            {
                case WatchEventType.Added:
                    Assert.True(known.TryAdd(name, change.Object.Revision), $"{name} was added twice");
                    break;
                case WatchEventType.Modified:
                    Assert.True(known[name] < change.Object.Revision, $"{name} went back in time");
                    known[name] = change.Object.Revision;
                    break;
                default:
                    Assert.True(known.Remove(name), $"{name} was deleted but never seen");
                    break;
            }

            _last = Math.Max(_last, change.Object.Revision);
        }
    }
}
