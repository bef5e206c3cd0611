using System.Diagnostics.Metrics;

namespace Modular.Plugins.StoreEmbedded;

/// <summary>What the store measures.</summary>
internal sealed class StoreMetrics(Meter meter)
{
    private readonly Counter<long> _commits = meter.CreateCounter<long>(
        "modular_store_commits_total", description: "Commits answered, by outcome");

    private readonly Histogram<int> _batches = meter.CreateHistogram<int>(
        "modular_store_batch_commits", description: "Commits that shared one flush");

    private readonly Histogram<double> _flushes = meter.CreateHistogram<double>(
        "modular_store_flush_seconds", "s", "Time to write and flush a batch");

    private readonly Histogram<double> _snapshots = meter.CreateHistogram<double>(
        "modular_store_snapshot_seconds", "s", "Time to write a snapshot");

    /// <summary>Shows a store's state; called once it is open.</summary>
    public void Observe(EmbeddedStore store)
    {
        meter.CreateObservableGauge("modular_store_revision", () => store.Status.Current, description: "The last acknowledged commit");
        meter.CreateObservableGauge("modular_store_compacted_revision", () => store.Status.Compacted, description: "The oldest revision that can be read");
        meter.CreateObservableGauge("modular_store_history_changes", () => store.HistoryChanges, description: "Changes that can be watched from");
        meter.CreateObservableGauge("modular_store_history_bytes", () => store.HistoryBytes, "By", "Values that the history holds");
        meter.CreateObservableGauge("modular_store_disk_bytes", () => store.Status.Bytes, "By", "Log, spare segments and snapshot");
        meter.CreateObservableGauge("modular_store_writable", () => store.Status.Writable ? 1 : 0, description: "0 while the disk is full");
    }

    public void Answered(CommitOutcome outcome, int commits) =>
        _commits.Add(commits, new KeyValuePair<string, object?>("outcome", NameOf(outcome)));

    public void Flushed(int commits, TimeSpan elapsed)
    {
        _batches.Record(commits);
        _flushes.Record(elapsed.TotalSeconds);
    }

    public void SnapshotWritten(TimeSpan elapsed) => _snapshots.Record(elapsed.TotalSeconds);

    private static string NameOf(CommitOutcome outcome) => outcome switch
    {
        CommitOutcome.Committed => "committed",
        CommitOutcome.Conflict => "conflict",
        CommitOutcome.NoSpace => "no-space",
        CommitOutcome.TooLarge => "too-large",
        _ => "unknown",
    };
}
