namespace Modular.ApiMachinery;

/// <summary>What happened to an object.</summary>
public enum WatchEventType
{
    /// <summary>It came into being, or into the selection.</summary>
    Added,
    /// <summary>It changed within the selection.</summary>
    Modified,
    /// <summary>It went away, or left the selection; the object is its last state at the revision of the change.</summary>
    Deleted,
    /// <summary>Nothing happened up to the object's revision. Only the revision counts.</summary>
    Bookmark,
}

/// <summary>One change as a watcher sees it.</summary>
public readonly record struct WatchEvent(WatchEventType Type, ApiObject Object);
