using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>The JSON type a schema demands.</summary>
public enum SchemaType
{
    /// <summary>A JSON object with known fields, or a map (see <see cref="Schema.AdditionalProperties"/>).</summary>
    Object,
    /// <summary>A JSON array.</summary>
    Array,
    /// <summary>A JSON string.</summary>
    String,
    /// <summary>A whole JSON number; <see cref="Schema.Format"/> says int32 or int64.</summary>
    Integer,
    /// <summary>Any JSON number.</summary>
    Number,
    /// <summary>true or false.</summary>
    Boolean,
    /// <summary>A string or a whole number, such as a port or a percentage.</summary>
    IntOrString,
    /// <summary>A resource quantity: a number or a string such as 100m or 1Gi. Canonicalised on write.</summary>
    Quantity,
    /// <summary>Anything, kept as it is.</summary>
    Any,
}

/// <summary>How the entries of a list are merged and told apart.</summary>
public enum ListKind
{
    /// <summary>The list is one value; writers replace it whole.</summary>
    Atomic,
    /// <summary>Scalars, each at most once.</summary>
    Set,
    /// <summary>Objects told apart by <see cref="Schema.ListMapKeys"/>.</summary>
    Map,
}

/// <summary>
/// What a value may be: one engine prunes, defaults, validates, merges and describes every kind by this model, whether it is built in
/// or custom. Immutable once its source handed it out; schemas may refer to each other in cycles, so it is built in two steps.
/// </summary>
public sealed class Schema
{
    /// <summary>The type demanded.</summary>
    public SchemaType Type { get; init; }

    /// <summary>Refines the type: int32, int64, byte, date-time, micro-time; empty for none.</summary>
    public string Format { get; init; } = "";

    /// <summary>The name of the definition this schema is, such as <c>io.k8s.api.core.v1.Container</c>; empty for an anonymous one.</summary>
    public string Name { get; init; } = "";

    /// <summary>What explain prints; empty if nobody described it.</summary>
    public string Description { get; init; } = "";

    /// <summary>The fields of an object. Filled before the schema is published, then never changed.</summary>
    public Dictionary<string, Schema> Properties { get; init; } = new(StringComparer.Ordinal);

    /// <summary>The fields that must be present.</summary>
    public IReadOnlyList<string> Required { get; init; } = [];

    /// <summary>The schema of a map's values; null for an object with known fields.</summary>
    public Schema? AdditionalProperties { get; init; }

    /// <summary>The schema of an array's entries.</summary>
    public Schema? Items { get; init; }

    /// <summary>The value an absent field gets; null for none. Never handed out, only cloned.</summary>
    public JsonNode? Default { get; init; }

    /// <summary>The strings allowed; empty for any.</summary>
    public IReadOnlyList<string> Enum { get; init; } = [];

    /// <summary>How the entries of an array are told apart.</summary>
    public ListKind ListKind { get; init; }

    /// <summary>The fields that identify an entry of a map-like list.</summary>
    public IReadOnlyList<string> ListMapKeys { get; init; } = [];

    /// <summary>The key strategic merge uses for this list; empty if the list is replaced.</summary>
    public string PatchMergeKey { get; init; } = "";

    /// <summary>True if strategic merge merges this list or map instead of replacing it.</summary>
    public bool PatchMerge { get; init; }

    /// <summary>True if strategic merge keeps only the keys that a <c>$retainKeys</c> directive names.</summary>
    public bool PatchRetainKeys { get; init; }

    /// <summary>True if an object here keeps fields that its schema does not name.</summary>
    public bool PreserveUnknownFields { get; init; }

    /// <summary>True if the value once set never changes.</summary>
    public bool Immutable { get; init; }

    /// <summary>True if null is a value of its own rather than absence.</summary>
    public bool Nullable { get; init; }

    /// <summary>
    /// True if a set or map-like list may hold entries that cannot be told apart. Kubernetes accepts them in some lists of its own kinds,
    /// such as a container's env and ports and metadata's finalizers.
    /// </summary>
    public bool AllowDuplicates { get; init; }

    /// <summary>True if an object here is one value: writers who apply replace it whole, and own it whole.</summary>
    public bool AtomicMap { get; init; }

    /// <summary>
    /// For a field, where it stands in the protobuf message of its type: its number, behind the numbers of messages that protobuf puts it into and JSON shows flat
    /// (as a volume's source is). Empty for a field that is in JSON only.
    /// </summary>
    public IReadOnlyList<int> FieldPath { get; init; } = [];

    /// <summary>True if a zero (0, false, an empty string) is a value in protobuf. Otherwise it means there that the field is absent, unless it is required.</summary>
    public bool ExplicitPresence { get; init; }

    /// <summary>
    /// For <see cref="SchemaType.Any"/>: the fields of its protobuf message, of which the one with the value's JSON type holds the value. Empty if the
    /// message holds the JSON itself.
    /// </summary>
    public IReadOnlyList<Schema> Alternatives { get; init; } = [];

    // Made when the first object crosses as protobuf: most schemas never need it.
    internal ProtobufMessage Protobuf => field ??= new ProtobufMessage(this);

    internal ProtobufSupport ProtobufSupport
    {
        get => field == ProtobufSupport.Unknown ? field = ProtobufSupports.Of(this) : field;
    }

    // Collected when a schema is first used: the walks over objects must not look at every field a schema has.
    internal KeyValuePair<string, Schema>[] PropertiesWithDefault =>
        field ??= [.. Properties.Where(p => p.Value.Default is not null)];

    internal KeyValuePair<string, Schema>[] ImmutableProperties =>
        field ??= [.. Properties.Where(p => p.Value.Immutable)];

    internal JsonObject EmptyObject => field ??= ApiMachinery.EmptyObject.Of(this);

    internal string[] SortedListMapKeys => field ??= [.. ListMapKeys.Order(StringComparer.Ordinal)];

    /// <summary>The schema of a member: of the field of that name, else of a map's values; null if there is none.</summary>
    internal Schema? Member(string name) => Properties.TryGetValue(name, out var schema) ? schema : AdditionalProperties;
}
