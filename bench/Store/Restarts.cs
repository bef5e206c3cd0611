using System.Diagnostics;
using Modular.Abstractions;

namespace Store;

/// <summary>How long a store with many keys takes to open: out of a snapshot and the log behind it.</summary>
internal static class Restarts
{
    public static async Task MeasureAsync(string directory, int keys)
    {
        OpenStore.Remove(directory);
        await using (var opened = await OpenStore.AtAsync(directory))
        {
            await FillAsync(opened.Store, keys);
        }

        var bytes = new DirectoryInfo(directory).GetFiles().Sum(f => f.Length) >> 20;
        var snapshot = new DirectoryInfo(directory).GetFiles("snapshot-*").Sum(f => f.Length) >> 20;
        for (var run = 0; run < 3; run++)
        {
            GC.Collect();
            var begun = Stopwatch.GetTimestamp();
            await using var opened = await OpenStore.AtAsync(directory);
            var elapsed = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
            var range = await opened.Store.RangeAsync(new RangeRequest { From = "/", To = "0", CountOnly = true }, CancellationToken.None);
            Console.WriteLine($"restart with {range.Count:N0} keys of 1 KB: {elapsed:N0} ms ({bytes} MB on disk, {snapshot} MB of it a snapshot)");
        }

        Console.WriteLine();
    }

    public static async Task FillAsync(IObjectStore store, int keys)
    {
        const int Writers = 64;
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            var value = new byte[1024];
            Random.Shared.NextBytes(value);
            for (var key = writer; key < keys; key += Writers)
            {
                await store.CommitAsync(
                    new CommitRequest { Operations = [new CommitOperation($"/registry/pods/default/name-of-a-pod-{key:d7}", value)] },
                    CancellationToken.None);
            }
        })));
    }
}
