namespace Modular.Plugins.Scheduling.Trials;

/// <summary>How long the latest batches took. Not thread-safe.</summary>
internal sealed class BatchTimes
{
    private readonly double[] _milliseconds = new double[1024];
    private long _count;

    public void Add(TimeSpan duration) => _milliseconds[_count++ % _milliseconds.Length] = duration.TotalMilliseconds;

    /// <summary>The time that this share of the batches did not exceed, in milliseconds; 0 if there were none.</summary>
    public double Quantile(double share)
    {
        var known = (int)Math.Min(_count, _milliseconds.Length);
        if (known == 0)
        {
            return 0;
        }

        var sorted = _milliseconds[..known];
        Array.Sort(sorted);
        return sorted[Math.Clamp((int)Math.Ceiling(share * known) - 1, 0, known - 1)];
    }
}
