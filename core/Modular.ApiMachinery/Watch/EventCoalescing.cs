using System.Runtime.InteropServices;

namespace Modular.ApiMachinery;

/// <summary>Joins the events that wait for a slow reader, so that there are at most two for each object.</summary>
public static class EventCoalescing
{
    /// <summary>
    /// An equivalent, shorter list: whoever applies it to what it knew ends in the same state, and learns of every object that was
    /// replaced by another of the same name. Bookmarks are dropped.
    /// </summary>
    public static List<WatchEvent> Coalesce(List<WatchEvent> events)
    {
        var latest = new Dictionary<ObjectName, Pending>(events.Count);
        foreach (var change in events)
        {
            if (change.Type != WatchEventType.Bookmark)
            {
                ref var pending = ref CollectionsMarshal.GetValueRefOrAddDefault(latest, change.Object.Name, out var exists);
                pending = exists ? pending.Then(change) : Pending.First(change);
            }
        }

        var result = new List<WatchEvent>(latest.Count);
        foreach (var pending in latest.Values)
        {
            if (pending.Gone is { } gone)
            {
                result.Add(new WatchEvent(WatchEventType.Deleted, gone));
            }

            if (pending.Now is { } now)
            {
                result.Add(new WatchEvent(pending.WasKnown && pending.Gone is null ? WatchEventType.Modified : WatchEventType.Added, now));
            }
        }

        result.Sort(InOrder);
        return result;
    }

    // One revision may have an object go and another come under its name: whoever lists again after a gap knows no revision in between.
    private static int InOrder(WatchEvent a, WatchEvent b)
    {
        var order = a.Object.Revision.CompareTo(b.Object.Revision);
        return order != 0 ? order : (b.Type == WatchEventType.Deleted).CompareTo(a.Type == WatchEventType.Deleted);
    }

    /// <summary>What one object's events amount to.</summary>
    /// <param name="WasKnown">Whether the reader knows the object from before these events.</param>
    /// <param name="Gone">The last state of the object that the reader knows and that is no more.</param>
    /// <param name="Now">The object that is there in the end.</param>
    private readonly record struct Pending(bool WasKnown, ApiObject? Gone, ApiObject? Now)
    {
        public static Pending First(WatchEvent change) => change.Type == WatchEventType.Deleted
            ? new Pending(true, change.Object, null)
            : new Pending(change.Type == WatchEventType.Modified, null, change.Object);

        public Pending Then(WatchEvent change) => change.Type != WatchEventType.Deleted
            ? this with { Now = change.Object }
            : this with { Now = null, Gone = WasKnown ? Gone ?? change.Object : null };
    }
}
