using System.Diagnostics;
using Modular.Abstractions;

namespace Store;

/// <summary>Commits a second, and how long one takes, for several numbers of writers with values of 1 KB.</summary>
internal static class CommitRates
{
    private const int KeysPerWriter = 100;

    public static async Task MeasureAsync(string directory, TimeSpan duration)
    {
        Console.WriteLine("| writers | commits/s | p50 ms | p99 ms | max ms | allocated B/commit |");
        Console.WriteLine("|---|---|---|---|---|---|");
        foreach (var writers in (int[])[1, 16, 64, 256])
        {
            OpenStore.Remove(directory);
            await using var opened = await OpenStore.AtAsync(directory);
            await RunAsync(opened.Store, writers, TimeSpan.FromSeconds(1));
            var allocated = GC.GetTotalAllocatedBytes();
            var begun = Stopwatch.GetTimestamp();
            var latencies = await RunAsync(opened.Store, writers, duration);
            var elapsed = Stopwatch.GetElapsedTime(begun).TotalSeconds;
            allocated = (GC.GetTotalAllocatedBytes() - allocated) / Math.Max(1, latencies.Count);
            latencies.Sort();
            Console.WriteLine(
                $"| {writers} | {latencies.Count / elapsed:N0} | {At(latencies, 0.5):F3} | {At(latencies, 0.99):F3} | {latencies[^1]:F1} | {allocated:N0} |");
        }

        Console.WriteLine();
    }

    private static async Task<List<double>> RunAsync(IObjectStore store, int writers, TimeSpan duration)
    {
        var end = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        var all = new List<double>();
        foreach (var part in await Task.WhenAll(Enumerable.Range(0, writers).Select(w => Task.Run(() => WriteAsync(store, w, end)))))
        {
            all.AddRange(part);
        }

        return all;
    }

    private static async Task<List<double>> WriteAsync(IObjectStore store, int writer, long end)
    {
        var latencies = new List<double>(1 << 16);
        var value = new byte[1024];
        Random.Shared.NextBytes(value);
        var keys = Enumerable.Range(0, KeysPerWriter).Select(k => $"/registry/pods/namespace-{writer:d4}/name-of-a-pod-{k:d4}").ToArray();
        for (var i = 0; ; i++)
        {
            var begun = Stopwatch.GetTimestamp();
            if (begun >= end)
            {
                return latencies;
            }

            var result = await store.CommitAsync(
                new CommitRequest { Operations = [new CommitOperation(keys[i % KeysPerWriter], value)] }, CancellationToken.None);
            if (result.Outcome != CommitOutcome.Committed)
            {
                throw new InvalidOperationException($"a commit ended as {result.Outcome}");
            }

            latencies.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }
    }

    private static double At(List<double> sorted, double part) => sorted[(int)(sorted.Count * part)];
}
