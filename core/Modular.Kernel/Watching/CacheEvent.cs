namespace Modular.Kernel;

/// <summary>One change of one object, shared by history and all watchers.</summary>
internal sealed class CacheEvent(CachedObject? previous, CachedObject? current, long revision)
{
    private ApiObject? _gone;

    /// <summary>The object before; null if it did not exist.</summary>
    public CachedObject? Previous { get; } = previous;

    /// <summary>The object after; null if it does not exist any more.</summary>
    public CachedObject? Current { get; } = current;

    /// <summary>When it happened.</summary>
    public long Revision { get; } = revision;

    /// <summary>What the change is for somebody who sees only a selection; false if it is nothing.</summary>
    public bool TryView(ObjectSelector selector, out WatchEvent view)
    {
        var before = Previous is not null && selector.Matches(Previous);
        var after = Current is not null && selector.Matches(Current);
        view = (before, after) switch
        {
            (true, true) => new WatchEvent(WatchEventType.Modified, Current!.Object),
            (false, true) => new WatchEvent(WatchEventType.Added, Current!.Object),
            (true, false) => new WatchEvent(WatchEventType.Deleted, _gone ??= Previous!.Object.At(Revision)),
            _ => default,
        };
        return before || after;
    }
}
