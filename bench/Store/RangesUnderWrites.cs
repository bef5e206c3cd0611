using System.Diagnostics;
using Modular.Abstractions;

namespace Store;

/// <summary>Whole ranges over many keys, and what they do to one writer.</summary>
internal static class RangesUnderWrites
{
    public static async Task MeasureAsync(string directory, int keys, TimeSpan duration)
    {
        OpenStore.Remove(directory);
        await using var opened = await OpenStore.AtAsync(directory);
        await Restarts.FillAsync(opened.Store, keys);
        var alone = await WriteAsync(opened.Store, duration, Task.CompletedTask);
        var stop = new CancellationTokenSource();
        var ranging = Task.Run(() => RangeAsync(opened.Store, stop.Token));
        var together = await WriteAsync(opened.Store, duration, ranging);
        await stop.CancelAsync();
        var ranges = await ranging;
        Console.WriteLine($"one writer alone: p50 {At(alone, 0.5):F3} ms, p99 {At(alone, 0.99):F3} ms, max {alone[^1]:F1} ms");
        Console.WriteLine(
            $"one writer while ranges of {keys:N0} keys run: p50 {At(together, 0.5):F3} ms, p99 {At(together, 0.99):F3} ms, max {together[^1]:F1} ms");
        Console.WriteLine($"a range meanwhile: p50 {At(ranges, 0.5):F1} ms, max {ranges[^1]:F1} ms, {ranges.Count} ranges");
    }

    private static List<double> RangeAsync(IObjectStore store, CancellationToken stop)
    {
        var latencies = new List<double>();
        do
        {
            var begun = Stopwatch.GetTimestamp();
            var answer = store.RangeAsync(new RangeRequest { From = "/", To = "0" }, CancellationToken.None);
            if (!answer.IsCompletedSuccessfully)
            {
                throw new InvalidOperationException("a range did not complete at once");
            }

            latencies.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }
        while (!stop.IsCancellationRequested);
        latencies.Sort();
        return latencies;
    }

    private static async Task<List<double>> WriteAsync(IObjectStore store, TimeSpan duration, Task ranging)
    {
        var latencies = new List<double>();
        var value = new byte[1024];
        var end = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        while (Stopwatch.GetTimestamp() < end && !ranging.IsFaulted)
        {
            var begun = Stopwatch.GetTimestamp();
            await store.CommitAsync(
                new CommitRequest { Operations = [new CommitOperation("/registry/pods/default/name-of-a-pod-0000001", value)] }, CancellationToken.None);
            latencies.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }

        latencies.Sort();
        return latencies;
    }

    private static double At(List<double> sorted, double part) => sorted[(int)(sorted.Count * part)];
}
