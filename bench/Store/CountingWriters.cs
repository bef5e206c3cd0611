using System.Text;
using Modular.Abstractions;

namespace Store;

/// <summary>
/// Several writers, each counting up in a key of its own as long as the process lives, and a line for each count that the store
/// acknowledged: <c>KEY COUNT .</c> Small segments, so that the log is recycled and snapshots are written all the time.
/// </summary>
internal static class CountingWriters
{
    private const int Writers = 8;
    private const string Configuration =
        """{"segmentBytes": 1048576, "snapshotBytes": 1048576, "maxValueBytes": 262144, "historyRevisions": 500}""";

    public static async Task RunAsync(string directory)
    {
        await using var opened = await OpenStore.AtAsync(directory, Configuration);
        var output = Console.OpenStandardOutput();
        var gate = new Lock();
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => CountAsync(opened.Store, $"writer-{writer}", Say))));

        void Say(string line)
        {
            lock (gate)
            {
                output.Write(Encoding.ASCII.GetBytes(line));
                output.Flush();
            }
        }
    }

    private static async Task CountAsync(IObjectStore store, string key, Action<string> say)
    {
        var found = await store.RangeAsync(new RangeRequest { From = key }, CancellationToken.None);
        var count = found.Entries.Count == 0 ? 0 : long.Parse(Encoding.ASCII.GetString(found.Entries[0].Value.Span[..20]));
        var value = new byte[1024];
        while (true)
        {
            count++;
            Encoding.ASCII.GetBytes($"{count:d20}", value);
            var result = await store.CommitAsync(new CommitRequest { Operations = [new CommitOperation(key, value)] }, CancellationToken.None);
            if (result.Outcome != CommitOutcome.Committed)
            {
                throw new InvalidOperationException($"a commit ended as {result.Outcome}");
            }

            say($"{key} {count} .\n");
        }
    }
}
