namespace Modular.Plugins.StoreEmbedded.Writing;

/// <summary>A commit on its way to the disk.</summary>
internal sealed class PendingCommit(CommitRequest request)
    : TaskCompletionSource<CommitResult>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public CommitRequest Request { get; } = request;

    /// <summary>The revision it got; set once it is in the frame of its batch.</summary>
    public long Revision { get; set; }
}
