namespace Modular.Kernel;

/// <summary>Says what a store that does not do what it was asked means to a client.</summary>
internal static class StoreFailure
{
    public static ApiException Of(CommitResult result) => new(result.Outcome switch
    {
        CommitOutcome.NoSpace => new ApiStatus(
            StatusReason.InsufficientStorage,
            "the store has no space left: nothing was written, reads go on; free space on the disk of the data directory and try again"),
        CommitOutcome.TooLarge => new ApiStatus(
            StatusReason.RequestEntityTooLarge,
            $"the object is too large to store: at most {result.Limit} bytes"),
        CommitOutcome.Unknown => new ApiStatus(
            StatusReason.Timeout,
            "the store did not answer: the write may have been carried out or not; read the object to find out")
        {
            RetryAfterSeconds = 1,
        },
        _ => new ApiStatus(StatusReason.InternalError, $"the store answered a write with {result.Outcome}"),
    });

    public static ApiException Of(IOException failure) => new(
        new ApiStatus(StatusReason.ServiceUnavailable, $"the store can't be asked now: {failure.Message}") { RetryAfterSeconds = 1 }, failure);
}
