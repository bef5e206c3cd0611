namespace Modular.Plugins.StoreEmbedded.Index;

/// <summary>Where a watch is.</summary>
/// <param name="Next">The position in the history that it reads next.</param>
/// <param name="First">The first revision it wants.</param>
/// <param name="Known">The revision up to which it has seen everything.</param>
internal readonly record struct WatchPosition(long Next, long First, long Known);

/// <summary>What a watch found.</summary>
internal enum WatchStep
{
    /// <summary>Changes of interest.</summary>
    Changes,
    /// <summary>It came further, past changes of no interest.</summary>
    Quiet,
    /// <summary>There is nothing new; the task ends with the next commit.</summary>
    Wait,
    /// <summary>What it wanted to read next is compacted.</summary>
    Compacted,
    /// <summary>The store stops.</summary>
    Closed,
}
