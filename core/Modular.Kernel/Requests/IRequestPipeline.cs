using System.Text.Json.Nodes;

namespace Modular.Kernel;

/// <summary>
/// What every request, remote or in process, runs through: authorization, decoding, defaults, admission, strategy, validation, storage.
/// Failures are <see cref="ApiException"/>s. Thread-safe.
/// </summary>
public interface IRequestPipeline
{
    /// <summary>Reads an object or a subresource of it.</summary>
    ValueTask<ApiObject> GetAsync(ApiRequest request, CancellationToken cancellationToken);

    /// <summary>Reads a page of objects.</summary>
    ValueTask<ListResult> ListAsync(ApiRequest request, ListOptions options, CancellationToken cancellationToken);

    /// <summary>Opens a watch; errors in the parameters, and a revision that is too old, are reported here.</summary>
    ValueTask<IWatchSession> WatchAsync(ApiRequest request, ListOptions options, CancellationToken cancellationToken);

    /// <summary>Creates an object, or carries out a subresource's action.</summary>
    ValueTask<WriteResult> CreateAsync(ApiRequest request, RequestBody body, WriteOptions options, CancellationToken cancellationToken);

    /// <summary>Replaces an object or a subresource.</summary>
    ValueTask<WriteResult> UpdateAsync(ApiRequest request, RequestBody body, WriteOptions options, CancellationToken cancellationToken);

    /// <summary>Patches an object or a subresource.</summary>
    ValueTask<WriteResult> PatchAsync(
        ApiRequest request, PatchType type, RequestBody body, WriteOptions options, CancellationToken cancellationToken);

    /// <summary>Deletes an object.</summary>
    ValueTask<DeleteResult> DeleteAsync(ApiRequest request, DeleteOptions options, bool dryRun, CancellationToken cancellationToken);

    /// <summary>Deletes the objects of a selection, each as if alone; answers what was deleted.</summary>
    ValueTask<ListResult> DeleteCollectionAsync(
        ApiRequest request, ListOptions selection, DeleteOptions options, bool dryRun, CancellationToken cancellationToken);

    /// <summary>
    /// Finds out whom to ask for a subresource that streams, or that stands for a server; then the request's name may come with a scheme and a port.
    /// </summary>
    ValueTask<NodeRequest> ConnectAsync(
        ApiRequest request, IReadOnlyList<KeyValuePair<string, string>> query, CancellationToken cancellationToken);

    /// <summary>Authorizes what is none of the other requests: to ask for a path that is no resource's, or to be taken for somebody else.</summary>
    /// <exception cref="ApiException">Forbidden.</exception>
    ValueTask AuthorizeAsync(AuthorizationRequest request, CancellationToken cancellationToken);
}
