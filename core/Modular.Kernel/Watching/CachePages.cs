namespace Modular.Kernel;

/// <summary>Cuts pages out of what a cache or the store holds. Objects are never copied.</summary>
internal static class CachePages
{
    /// <summary>A page in key order.</summary>
    public static CachePage Of(ObjectSnapshot snapshot, ObjectSelector selector, long revision, string after, int limit)
    {
        var first = selector.Namespace.Length > 0 ? selector.Namespace + "/" : "";
        var end = first.Length > 0 ? snapshot.Seek(StorageKeys.After(first)) : snapshot.Seek("\uffff");
        var position = snapshot.Seek(after.Length > 0 ? after + "\0" : first);
        var most = snapshot.Rank(end) - snapshot.Rank(position);
        return selector.TakesWholeNamespace
            ? Whole(snapshot, position, Math.Max(0, most), revision, limit)
            : Selected(snapshot, position, end, selector, revision, limit);
    }

    /// <summary>A page of objects that an index found, in any order.</summary>
    public static CachePage Of(List<CachedObject> found, ObjectSelector selector, long revision, string after, int limit)
    {
        found.RemoveAll(item => !selector.Matches(item) || (after.Length > 0 && string.CompareOrdinal(item.Key, after) <= 0));
        found.Sort(static (a, b) => string.CompareOrdinal(a.Key, b.Key));
        var more = limit > 0 && found.Count > limit;
        var items = new ApiObject[more ? limit : found.Count];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = found[i].Object;
        }

        return new CachePage(items, revision, more ? found[limit - 1].Key : "");
    }

    private static CachePage Whole(ObjectSnapshot snapshot, ObjectSnapshot.Position position, int available, long revision, int limit)
    {
        var items = new ApiObject[limit > 0 ? Math.Min(limit, available) : available];
        var last = "";
        for (var i = 0; i < items.Length; i++)
        {
            var item = snapshot.Next(ref position)!;
            items[i] = item.Object;
            last = item.Key;
        }

        return items.Length < available
            ? new CachePage(items, revision, last, available - items.Length)
            : new CachePage(items, revision);
    }

    private static CachePage Selected(
        ObjectSnapshot snapshot, ObjectSnapshot.Position position, ObjectSnapshot.Position end, ObjectSelector selector, long revision, int limit)
    {
        var items = new List<ApiObject>();
        var last = "";
        while (position != end && snapshot.Next(ref position) is { } item)
        {
            if (!selector.Matches(item))
            {
                continue;
            }

            if (limit > 0 && items.Count == limit)
            {
                return new CachePage(items, revision, last);
            }

            items.Add(item.Object);
            last = item.Key;
        }

        return new CachePage(items, revision);
    }
}
