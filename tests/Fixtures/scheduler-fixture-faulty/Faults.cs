using Microsoft.Extensions.Logging;

namespace Modular.Plugins.SchedulerFixtureFaulty;

/// <summary>What no plugin should do.</summary>
internal static partial class Faults
{
    private const int Block = 16 << 20;

    public static void ThrowOnThread() => new Thread(() => throw new InvalidOperationException("nobody handles this")).Start();

    public static void ThrowInPool() => ThreadPool.UnsafeQueueUserWorkItem(_ => throw new InvalidOperationException("nobody handles this"), null);

    public static async void ThrowWhereNobodyWaits()
    {
        await Task.Yield();
        throw new InvalidOperationException("nobody handles this");
    }

    public static void Spam(ILogger log)
    {
        for (var i = 0; i < 200_000; i++)
        {
            LogSpam(log, i);
        }
    }

    public static int Overflow(int depth) => depth + Overflow(depth + 1);

    /// <summary>Takes memory, and writes to it, until there is none.</summary>
    public static void Allocate()
    {
        var taken = new List<byte[]>();
        while (true)
        {
            var block = GC.AllocateUninitializedArray<byte>(Block);
            block.AsSpan().Fill(1);
            taken.Add(block);
        }
    }

    /// <summary>Keeps memory, open files and a thread for as long as the process lives.</summary>
    public static void Leak(string file)
    {
        var kept = GC.AllocateUninitializedArray<byte>(2 * Block);
        kept.AsSpan().Fill(1);
        var files = Enumerable.Range(0, 100).Select(_ => File.OpenRead(file)).ToList();
        new Thread(() =>
        {
            Thread.Sleep(Timeout.Infinite);
            GC.KeepAlive((kept, files));
        }) { IsBackground = true }.Start();
    }

    [LoggerMessage(LogLevel.Warning, "spam {Number}")]
    private static partial void LogSpam(ILogger log, int number);
}
