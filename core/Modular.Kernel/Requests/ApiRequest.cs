using System.Text.Json.Nodes;

namespace Modular.Kernel;

/// <summary>What a request is about, once its URL is understood.</summary>
public sealed record ApiRequest
{
    /// <summary>Who asks; already authenticated.</summary>
    public required UserInfo User { get; init; }

    /// <summary>get, list, watch, create, update, patch, delete or deletecollection.</summary>
    public required string Verb { get; init; }

    /// <summary>The resource.</summary>
    public required GroupVersionResource Resource { get; init; }

    /// <summary>Empty for cluster-scoped kinds and for all namespaces.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>Empty for collections.</summary>
    public string Name { get; init; } = "";

    /// <summary>Empty for the object itself.</summary>
    public string Subresource { get; init; } = "";
}

/// <summary>The parameters of list and watch.</summary>
public sealed record ListOptions
{
    /// <summary>A label selector, unparsed.</summary>
    public string LabelSelector { get; init; } = "";

    /// <summary>A field selector, unparsed.</summary>
    public string FieldSelector { get; init; } = "";

    /// <summary>As the client sent it; empty for the latest.</summary>
    public string ResourceVersion { get; init; } = "";

    /// <summary>Exact, NotOlderThan, or empty.</summary>
    public string ResourceVersionMatch { get; init; } = "";

    /// <summary>The most objects of a page; 0 for all.</summary>
    public int Limit { get; init; }

    /// <summary>Where to go on, from an earlier page.</summary>
    public string Continue { get; init; } = "";

    /// <summary>Whether a watch may send bookmarks.</summary>
    public bool AllowWatchBookmarks { get; init; }

    /// <summary>Whether a watch begins with the objects there are and a bookmark; null if not said.</summary>
    public bool? SendInitialEvents { get; init; }
}

/// <summary>The parameters of create, update and patch.</summary>
public sealed record WriteOptions
{
    /// <summary>Do everything but store it.</summary>
    public bool DryRun { get; init; }

    /// <summary>Who the client says it is; recorded with the fields it owns.</summary>
    public string FieldManager { get; init; } = "";

    /// <summary>For an apply: whether to take fields over from others who gave them other values.</summary>
    public bool Force { get; init; }

    /// <summary>Strict, Warn or Ignore.</summary>
    public string FieldValidation { get; init; } = "Warn";

    /// <summary>The same for what the server made itself, in which fields are not looked at once more.</summary>
    internal WriteOptions Trusting() => this with { FieldValidation = "Ignore" };
}

/// <summary>A decoded request body.</summary>
/// <param name="Node">The JSON; for patches possibly an array.</param>
/// <param name="Duplicates">
/// The paths of fields that stood twice in an object; the last one won. For an apply, a sentence about each, which names its line.
/// </param>
public sealed record RequestBody(JsonNode Node, IReadOnlyList<string> Duplicates);

/// <summary>A page of objects.</summary>
public sealed record ListResult
{
    /// <summary>The objects, in key order.</summary>
    public required IReadOnlyList<ApiObject> Items { get; init; }

    /// <summary>The revision the page is the state of.</summary>
    public required long Revision { get; init; }

    /// <summary>Asks for the next page; empty on the last.</summary>
    public string Continue { get; init; } = "";

    /// <summary>How many objects follow, where known.</summary>
    public long? RemainingItemCount { get; init; }
}

/// <summary>What a write made.</summary>
public sealed record WriteResult
{
    /// <summary>The object as it is now (for a subresource of another kind, that kind); null if the answer is a plain success.</summary>
    public ApiObject? Object { get; init; }

    /// <summary>True if the object did not exist before.</summary>
    public bool Created { get; init; }

    /// <summary>Texts for Warning headers.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <summary>What a delete did.</summary>
/// <param name="Object">The object, with its deletionTimestamp if it goes gracefully; its last state if it is gone.</param>
/// <param name="Gone">False if the object is still there, on its way out.</param>
public sealed record DeleteResult(ApiObject Object, bool Gone);

/// <summary>
/// A running watch. Each batch holds the events that were ready together, so that a writer can flush once per batch. Ends by itself if
/// its consumer is too slow (the client then watches again from the last revision it saw).
/// </summary>
public interface IWatchSession : IAsyncDisposable
{
    /// <summary>The batches, in revision order. One reader.</summary>
    /// <exception cref="ApiException">Expired, if the revision to go on from is no longer known.</exception>
    IAsyncEnumerable<IReadOnlyList<WatchEvent>> ReadAsync(CancellationToken cancellationToken);
}
