namespace Modular.Kernel;

/// <summary>Reads and writes single objects, always as of now.</summary>
internal sealed class ObjectStorage(StoreAdapter store)
{
    /// <summary>The object under the target's name.</summary>
    /// <exception cref="ApiException">NotFound.</exception>
    public async ValueTask<ApiObject> GetAsync(RequestTarget target, CancellationToken cancellationToken) =>
        await FindAsync(target, target.Name, cancellationToken).ConfigureAwait(false)
        ?? throw RequestErrors.NotFound(target.Resource, target.Name);

    /// <summary>An object of the target's kind and namespace; null if there is none.</summary>
    public async ValueTask<ApiObject?> FindAsync(RequestTarget target, string name, CancellationToken cancellationToken)
    {
        if (!StorageKeys.CanHold(name) || !StorageKeys.CanHold(target.Request.Namespace))
        {
            return null;
        }

        var range = await store.RangeAsync(new RangeRequest { From = target.KeyOf(name) }, cancellationToken).ConfigureAwait(false);
        return range.Entries.Count == 0
            ? null
            : new ApiObject(target.Definition.Kind, range.Entries[0].Value, range.Entries[0].ModRevision);
    }

    /// <summary>Writes, or deletes if there are no bytes, provided that the key was last written at a revision (0: does not exist).</summary>
    /// <returns>The revision of the write; null if somebody else was faster.</returns>
    public async ValueTask<long?> CommitAsync(string key, byte[]? body, long expected, CancellationToken cancellationToken)
    {
        var request = new CommitRequest
        {
            Guards = [new CommitGuard(key, expected)],
            Operations = [new CommitOperation(key, body is null ? default(ReadOnlyMemory<byte>?) : body)],
        };
        var result = await store.CommitAsync(request, cancellationToken).ConfigureAwait(false);
        return result.Outcome switch
        {
            CommitOutcome.Committed => result.Revision,
            CommitOutcome.Conflict => null,
            _ => throw StoreFailure.Of(result),
        };
    }
}
