using System.Text;

namespace Modular.Kernel;

/// <summary>Makes the objects of BOOKMARK events: a kind and a revision, nothing else.</summary>
internal static class Bookmarks
{
    /// <summary>Says that everything up to the revision was sent.</summary>
    public static ApiObject Plain(GroupVersionKind kind, long revision) => Make(kind, "", revision);

    /// <summary>Says that the objects which were there at the beginning were sent.</summary>
    public static ApiObject EndOfInitialEvents(GroupVersionKind kind, long revision) =>
        Make(kind, "\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}", revision);

    private static ApiObject Make(GroupVersionKind kind, string metadata, long revision) => new(
        kind,
        Encoding.UTF8.GetBytes("{\"apiVersion\":\"" + kind.ApiVersion + "\",\"kind\":\"" + kind.Kind + "\",\"metadata\":{" + metadata + "}}"),
        revision);
}
