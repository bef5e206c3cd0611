namespace Modular.Toolkit;

/// <summary>The arithmetic of back-off.</summary>
public static class BackOffDelay
{
    /// <summary>The delay after a number of earlier failures: the first one doubled for each, at most the longest.</summary>
    public static TimeSpan After(TimeSpan first, TimeSpan longest, int earlierFailures)
    {
        var ticks = earlierFailures >= 40 ? double.MaxValue : first.Ticks * Math.Pow(2, earlierFailures);
        return ticks >= longest.Ticks ? longest : TimeSpan.FromTicks((long)ticks);
    }
}
