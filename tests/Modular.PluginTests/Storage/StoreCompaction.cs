using Modular.Abstractions;

namespace Modular.PluginTests;

/// <summary>Compaction that is asked for until it is done: a store that is reading its own past, for a snapshot, keeps it meanwhile.</summary>
internal static class StoreCompaction
{
    private const int Attempts = 200;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <returns>The oldest revision that the store keeps; an older one than was asked for if it does so for seconds.</returns>
    public static async Task<long> CompactAsync(IObjectStore store, long revision, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            await store.CompactAsync(revision, cancellationToken);
            var status = await store.GetStatusAsync(cancellationToken);
            if (status.Compacted >= Math.Min(revision, status.Current) || attempt == Attempts)
            {
                return status.Compacted;
            }

            await Task.Delay(Pause, cancellationToken);
        }
    }
}
