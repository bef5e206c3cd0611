using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Abstractions;

/// <summary>
/// The API as a plugin sees it. In process every call runs through the same pipeline as a remote client's request; only TCP and TLS are
/// skipped. Thread-safe. Failures are <see cref="ApiException"/>s with the status a client would get.
/// </summary>
public interface IApiClient
{
    /// <summary>Reads one object, as of now.</summary>
    ValueTask<ApiObject> GetAsync(ResourceName name, CancellationToken cancellationToken);

    /// <summary>Reads objects, as of now.</summary>
    ValueTask<ApiObjectList> ListAsync(ResourceScope scope, CancellationToken cancellationToken);

    /// <summary>Creates an object; the namespace is the scope's, the name the object's (or made from its generateName).</summary>
    ValueTask<ApiObject> CreateAsync(GroupVersionResource resource, string ns, JsonObject obj, CancellationToken cancellationToken);

    /// <summary>Creates through a subresource, such as a pod's binding; null if the answer is a plain success.</summary>
    ValueTask<ApiObject?> CreateAsync(ResourceName name, string subresource, JsonObject body, CancellationToken cancellationToken);

    /// <summary>Replaces an object, or a subresource of it; a resourceVersion in the object is a precondition.</summary>
    ValueTask<ApiObject> UpdateAsync(ResourceName name, JsonObject obj, string subresource, CancellationToken cancellationToken);

    /// <summary>Patches an object, or a subresource of it.</summary>
    ValueTask<ApiObject> PatchAsync(ResourceName name, PatchType type, JsonNode patch, string subresource, CancellationToken cancellationToken);

    /// <summary>Asks for deletion. Answers the object if it goes gracefully, null if it is gone.</summary>
    ValueTask<ApiObject?> DeleteAsync(ResourceName name, DeleteOptions options, CancellationToken cancellationToken);

    /// <summary>
    /// Subscribes to the objects of a scope. Rights (list and watch) are checked when it is opened. The context ends it when the plugin stops.
    /// A resource that is stored as another is subscribed to as that.
    /// </summary>
    ValueTask<IInformer> OpenInformerAsync(ResourceScope scope, CancellationToken cancellationToken);

    /// <summary>The resources the server serves now, each in one version; for controllers that deal with every kind.</summary>
    ValueTask<IReadOnlyList<ApiResource>> GetResourcesAsync(CancellationToken cancellationToken);
}

/// <summary>One object of a resource.</summary>
/// <param name="Resource">The resource.</param>
/// <param name="Namespace">Empty for cluster-scoped kinds.</param>
/// <param name="Name">The object's name.</param>
public sealed record ResourceName(GroupVersionResource Resource, string Namespace, string Name);

/// <summary>A selection of a resource's objects.</summary>
public sealed record ResourceScope(GroupVersionResource Resource)
{
    /// <summary>Empty for all namespaces.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>A label selector as in URLs; empty for all.</summary>
    public string LabelSelector { get; init; } = "";

    /// <summary>A field selector as in URLs; empty for all.</summary>
    public string FieldSelector { get; init; } = "";
}

/// <summary>Objects as of one revision.</summary>
public sealed record ApiObjectList(IReadOnlyList<ApiObject> Items, long Revision);

/// <summary>What discovery says of a resource.</summary>
public sealed record ApiResource(GroupVersionResource Resource, GroupVersionKind Kind, bool Namespaced, IReadOnlyList<string> Verbs);

/// <summary>The ways to describe a change.</summary>
public enum PatchType
{
    /// <summary>RFC 6902.</summary>
    Json,
    /// <summary>RFC 7396.</summary>
    Merge,
    /// <summary>Kubernetes' merge that knows lists by their keys.</summary>
    Strategic,
    /// <summary>Server-side apply: the object as far as the caller has a say in it. Creates it if there is none; takes fields over from others.</summary>
    Apply,
}

/// <summary>How to delete.</summary>
public sealed record DeleteOptions
{
    /// <summary>Seconds of grace; null for the kind's own rule, 0 for at once.</summary>
    public long? GracePeriodSeconds { get; init; }

    /// <summary>Background, Foreground or Orphan; empty for the kind's default.</summary>
    public string PropagationPolicy { get; init; } = "";

    /// <summary>Only if the object has this uid; empty for any.</summary>
    public string Uid { get; init; } = "";

    /// <summary>Only if the object has this resourceVersion; empty for any.</summary>
    public string ResourceVersion { get; init; } = "";
}
