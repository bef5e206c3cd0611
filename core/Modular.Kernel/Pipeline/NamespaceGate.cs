namespace Modular.Kernel;

/// <summary>Lets objects into namespaces that exist and stay. Which kind the namespaces are is said by its definition.</summary>
internal sealed class NamespaceGate(ResourceRegistry registry, WatchCaches caches, StoreAdapter store)
{
    /// <summary>Passes if an object may be created in the target's namespace.</summary>
    /// <exception cref="ApiException">NotFound or Forbidden, about the namespace.</exception>
    public async ValueTask DemandAsync(RequestTarget target, string name, CancellationToken cancellationToken)
    {
        if (!target.Definition.Namespaced || registry.NamespaceKind is not { } namespaces)
        {
            return;
        }

        var ns = target.Request.Namespace;
        var cache = caches.Of(namespaces);
        var current = await store.GetCurrentRevisionAsync(cancellationToken).ConfigureAwait(false);
        var found = caches.Revision >= current ? cache.Get(ns) : await ReadAsync(cache, ns, cancellationToken).ConfigureAwait(false);
        if (found is null)
        {
            throw RequestErrors.NotFound(namespaces.Resource, ns);
        }

        if (found.Metadata.DeletionTimestamp is not null)
        {
            throw RequestErrors.NamespaceTerminating(target.Resource, name, ns);
        }
    }

    private async ValueTask<ApiObject?> ReadAsync(WatchCache cache, string ns, CancellationToken cancellationToken)
    {
        if (!StorageKeys.CanHold(ns))
        {
            return null;
        }

        var range = await store.RangeAsync(new RangeRequest { From = cache.Prefix + ns }, cancellationToken).ConfigureAwait(false);
        return range.Entries.Count == 0 ? null : cache.ToCached(range.Entries[0].Key, range.Entries[0].Value, range.Entries[0].ModRevision).Object;
    }
}
