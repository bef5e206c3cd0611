using Modular.ApiMachinery;

namespace Modular.Abstractions;

/// <summary>
/// A live view of a scope's objects. Survives gaps by itself: after one it emits the difference. In process it is a subscription to the
/// kernel's cache rather than a second cache. The lookups are thread-safe; the events have one reader.
/// </summary>
public interface IInformer : IAsyncDisposable
{
    /// <summary>
    /// Changes from the opening on: first ADDED for every object there is, then one BOOKMARK (from then on the view is complete), then what
    /// happens. Lookups are never older than an event that was read. Ends when the informer is disposed.
    /// </summary>
    IAsyncEnumerable<WatchEvent> ReadEventsAsync(CancellationToken cancellationToken);

    /// <summary>The object as of now, or null.</summary>
    ApiObject? Get(string ns, string name);

    /// <summary>The scope's objects as of now, in no order; narrowed to a namespace if it is not empty.</summary>
    IReadOnlyList<ApiObject> List(string ns = "");
}
