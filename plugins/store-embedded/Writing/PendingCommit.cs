using Modular.Plugins.StoreEmbedded.Log;

namespace Modular.Plugins.StoreEmbedded.Writing;

/// <summary>A commit on its way to the disk.</summary>
internal sealed class PendingCommit(IReadOnlyList<CommitGuard> guards, StoreOperation[] operations)
    : TaskCompletionSource<CommitResult>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public IReadOnlyList<CommitGuard> Guards { get; } = guards;

    public StoreOperation[] Operations { get; } = operations;

    /// <summary>The bytes it takes in a frame.</summary>
    public long Bytes { get; } = CommitEncoding.Size(operations);

    /// <summary>The revision it got; set once it is in the frame of its batch.</summary>
    public long Revision { get; set; }

    /// <summary>The key of the guard that failed because of another commit of the same batch, whose outcome has to be known first.</summary>
    public string? ContestedKey { get; set; }
}
