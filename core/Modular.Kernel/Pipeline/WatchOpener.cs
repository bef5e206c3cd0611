namespace Modular.Kernel;

/// <summary>Opens watches on the caches.</summary>
internal sealed class WatchOpener(WatchCaches caches)
{
    /// <summary>Opens a watch as its parameters say.</summary>
    /// <exception cref="ApiException">A parameter is wrong, or the revision is too old.</exception>
    public async ValueTask<IWatchSession> OpenAsync(RequestTarget target, ListOptions options, CancellationToken cancellationToken)
    {
        ListParameters.DemandWatch(options);
        var selector = ObjectSelector.Parse(target, options.LabelSelector, options.FieldSelector);
        var revision = ListParameters.Revision(options.ResourceVersion);
        await WaitAsync(revision, cancellationToken).ConfigureAwait(false);

        var begins = options.SendInitialEvents ?? revision is null or 0;
        var from = begins ? (long?)null : revision is null or 0 ? caches.Revision : revision;
        var marksEnd = options.SendInitialEvents == true && options.AllowWatchBookmarks;
        var watcher = new Watcher(selector, options.AllowWatchBookmarks, endsWhenSlow: true);
        return new WatchSession(target.Cache, watcher, from, marksEnd);
    }

    /// <summary>Opens a subscription for this process, which is slowed down rather than ended.</summary>
    public async ValueTask<Informer> SubscribeAsync(RequestTarget target, ResourceScope scope, CancellationToken cancellationToken)
    {
        var selector = ObjectSelector.Parse(target.Definition, scope.Namespace, scope.LabelSelector, scope.FieldSelector);
        await caches.WaitForCurrentAsync(cancellationToken).ConfigureAwait(false);
        return new Informer(target.Cache, selector);
    }

    private ValueTask WaitAsync(long? revision, CancellationToken cancellationToken) => revision switch
    {
        null => caches.WaitForCurrentAsync(cancellationToken),
        0 => ValueTask.CompletedTask,
        _ => caches.WaitForAsync(revision.Value, cancellationToken),
    };
}
