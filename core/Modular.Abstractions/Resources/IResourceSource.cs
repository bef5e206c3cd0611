using Modular.ApiMachinery;

namespace Modular.Abstractions;

/// <summary>Brings kinds into the API: their schemas, columns, subresources and the few rules that data cannot say.</summary>
[Contract("modular.resources", "0.1.0", ContractCardinality.Many)]
public interface IResourceSource
{
    /// <summary>The kinds this source serves. Asked once when the source starts; a change is a swap.</summary>
    ValueTask<IReadOnlyList<ResourceDefinition>> GetResourcesAsync(CancellationToken cancellationToken);
}

/// <summary>One kind of the API as data, and its strategy.</summary>
public sealed record ResourceDefinition
{
    /// <summary>Group, version and plural.</summary>
    public required GroupVersionResource Resource { get; init; }

    /// <summary>Group, version and kind.</summary>
    public required GroupVersionKind Kind { get; init; }

    /// <summary>
    /// The resource as whose objects these are stored, where this is another version of it, or the same in another group; null for what is stored as
    /// it is. What rules say of writes is then asked of that resource's; it must be one that is stored as it is, with the subresources this has.
    /// A kind that can only be read may show objects of another source, and is left out while nobody brings them.
    /// </summary>
    public GroupVersionResource? StoredAs { get; init; }

    /// <summary>Turns objects of this kind into stored ones and back; needed with <see cref="StoredAs"/>.</summary>
    public IObjectConversion? Conversion { get; init; }

    /// <summary>The question to the server that an object of this kind is, which is answered when it is created, and not stored; null for others.</summary>
    public ReviewType? Review { get; init; }

    /// <summary>
    /// The action that an object of this kind is: creating it carries the action out on the object of its name and namespace, and it is not stored; null
    /// for others. The right to do so is that to create this kind, and needs no other.
    /// </summary>
    public ResourceAction? ActsOn { get; init; }

    /// <summary>Whether the store holds objects of this kind.</summary>
    public bool IsStored => StoredAs is null && Review is null && ActsOn is null;

    /// <summary>The kind of lists.</summary>
    public string ListKind => Kind.Kind + "List";

    /// <summary>The singular, lower case.</summary>
    public required string Singular { get; init; }

    /// <summary>Abbreviations for command lines.</summary>
    public IReadOnlyList<string> ShortNames { get; init; } = [];

    /// <summary>Groups of kinds that command lines know, such as <c>all</c>.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>Whether objects live in namespaces.</summary>
    public bool Namespaced { get; init; }

    /// <summary>
    /// True for the one cluster-scoped kind whose objects are the namespaces. Objects of namespaced kinds are created only in a namespace
    /// that exists and is not being deleted, and the kernel makes the first namespaces as objects of this kind.
    /// </summary>
    public bool IsNamespaceKind { get; init; }

    /// <summary>What objects may be called: answers what is wrong with a name, nothing if it is right.</summary>
    public Func<string, IReadOnlyList<string>> NameRule { get; init; } = NameRules.Dns1123Subdomain;

    /// <summary>What discovery lists; the pipeline answers 405 for others.</summary>
    public IReadOnlyList<string> Verbs { get; init; } =
        ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    /// <summary>What an object may be.</summary>
    public required Schema Schema { get; init; }

    /// <summary>Describes the schema, and those it is made of; null if they say themselves what there is to say.</summary>
    public ISchemaDescriptions? Descriptions { get; init; }

    /// <summary>The columns of tables behind Name and before Age, which every table has unless <see cref="OwnTableLayout"/>.</summary>
    public IReadOnlyList<ResourceColumn> Columns { get; init; } = [];

    /// <summary>Renders <see cref="Columns"/>; null for kinds that have none.</summary>
    public ITableRenderer? Table { get; init; }

    /// <summary>True if <see cref="Columns"/> is the whole table, Name and Age included where wanted.</summary>
    public bool OwnTableLayout { get; init; }

    /// <summary>Fields that field selectors know besides metadata.name and metadata.namespace, as dotted paths.</summary>
    public IReadOnlyList<SelectableField> SelectableFields { get; init; } = [];

    /// <summary>status, scale and the kind's own.</summary>
    public IReadOnlyList<Subresource> Subresources { get; init; } = [];

    /// <summary>Whether metadata.generation counts changes of everything but metadata and status.</summary>
    public bool TracksGeneration { get; init; } = true;

    /// <summary>Whether an update of an object that does not exist creates it.</summary>
    public bool CreatesOnUpdate { get; init; }

    /// <summary>Whether an update must name the resourceVersion it builds on. Otherwise one without replaces whatever is there.</summary>
    public bool UpdateNeedsRevision { get; init; }

    /// <summary>Whether a deletion is answered with what the object was; otherwise with a Status, once it is gone. Typed clients read one or the other.</summary>
    public bool ReturnsDeletedObject { get; init; }

    /// <summary>The kind's own rules.</summary>
    public IResourceStrategy Strategy { get; init; } = DefaultResourceStrategy.Instance;

    /// <summary>Who answers for strategy, actions, connects and table: by default what this definition holds.</summary>
    public IResourceRules Rules { get; init; } = StrategyRules.Instance;
}

/// <summary>What a review asks; the answers stand in its status, in Kubernetes' form.</summary>
public enum ReviewType
{
    /// <summary>Who am I?</summary>
    SelfSubject,
    /// <summary>May I do this?</summary>
    SelfSubjectAccess,
    /// <summary>What may I do in a namespace?</summary>
    SelfSubjectRules,
    /// <summary>May somebody do this?</summary>
    SubjectAccess,
    /// <summary>May somebody do this in the namespace of the review?</summary>
    LocalSubjectAccess,
}

/// <summary>An action of a resource's objects.</summary>
/// <param name="Resource">The resource, which is served and lives where the kind lives that stands for its action.</param>
/// <param name="Subresource">The name of its subresource, of type Action.</param>
public sealed record ResourceAction(GroupVersionResource Resource, string Subresource);

/// <summary>A field that selectors may ask for.</summary>
/// <param name="Path">The name in selectors, such as <c>spec.nodeName</c>.</param>
/// <param name="Default">What an absent field compares as.</param>
/// <param name="JsonPath">
/// Where the value is, if not at the dotted path itself; dotted, without leading dot. Of a kind that is stored as another: where it is in the stored
/// object, whose kind must be able to select by it.
/// </param>
public sealed record SelectableField(string Path, string Default = "", string JsonPath = "")
{
    /// <summary>The dotted path of the value.</summary>
    public string ValuePath => JsonPath.Length > 0 ? JsonPath : Path;
}

/// <summary>How a subresource is served.</summary>
public enum SubresourceType
{
    /// <summary>The object, of which only status (and metadata's labels and annotations) can be written.</summary>
    Status,
    /// <summary>A Scale of the object; see the paths.</summary>
    Scale,
    /// <summary>A request of another kind that becomes a change of the object; see <see cref="Subresource.Action"/>.</summary>
    Action,
    /// <summary>A stream with the node that runs the object; see <see cref="Subresource.Connect"/>.</summary>
    Connect,
    /// <summary>
    /// The HTTP server that the object stands for: whatever path, query and body follow are its own. The object's name may come with a scheme and a port;
    /// see <see cref="Subresource.Connect"/>.
    /// </summary>
    Proxy,
    /// <summary>The object, of which only some fields can be written; see <see cref="Subresource.Fields"/>.</summary>
    Part,
}

/// <summary>A part or an action of an object that has a URL of its own.</summary>
public sealed record Subresource
{
    /// <summary>The name in URLs.</summary>
    public required string Name { get; init; }

    /// <summary>How it is served.</summary>
    public required SubresourceType Type { get; init; }

    /// <summary>The kind that is read and written through it.</summary>
    public required GroupVersionKind Kind { get; init; }

    /// <summary>What discovery lists.</summary>
    public IReadOnlyList<string> Verbs { get; init; } = ["get", "patch", "update"];

    /// <summary>
    /// For Part: the dotted paths of what can be written. <c>[]</c> behind a list stands for its entries, which are told by their names:
    /// <c>spec.containers[].resources</c>.
    /// </summary>
    public IReadOnlyList<string> Fields { get; init; } = [];

    /// <summary>For Scale: the dotted path of the wanted count.</summary>
    public string SpecReplicasPath { get; init; } = "spec.replicas";

    /// <summary>For Scale: the dotted path of the observed count.</summary>
    public string StatusReplicasPath { get; init; } = "status.replicas";

    /// <summary>For Scale: the dotted path of the selector, a map of labels or a label selector object.</summary>
    public string SelectorPath { get; init; } = "spec.selector";

    /// <summary>For Action: the schema of the request body; null if the body is any object.</summary>
    public Schema? Schema { get; init; }

    /// <summary>For Action: carries it out.</summary>
    public ISubresourceAction? Action { get; init; }

    /// <summary>For Connect and Proxy: finds who answers.</summary>
    public ISubresourceConnect? Connect { get; init; }

    /// <summary>For Connect and Proxy: another resource, whose object of the same name and namespace is needed to find that out, such as a service's endpoints.</summary>
    public GroupVersionResource? Beside { get; init; }
}
