namespace Modular.ApiMachinery;

/// <summary>How often a field stands in its message.</summary>
internal enum Cardinality
{
    Single,
    Repeated,
    /// <summary>Repeated entries of key and value.</summary>
    Map,
}

/// <summary>A field of a type, as both directions need it.</summary>
internal sealed class ProtobufField
{
    public ProtobufField(string name, Schema schema, bool isRequired)
    {
        Name = name;
        Path = schema.FieldPath;
        (Cardinality, Value) = schema switch
        {
            { Type: SchemaType.Array, Items: { } items } => (Cardinality.Repeated, items),
            { Type: SchemaType.Object, AdditionalProperties: { } values } => (Cardinality.Map, values),
            _ => (Cardinality.Single, schema),
        };
        Kind = WireKinds.Of(Value);
        WireType = WireKinds.WireTypeOf(Kind);
        Tag = Wire.Tag(Path[^1], Cardinality == Cardinality.Map ? WireType.Length : WireType);
        ValueTag = Wire.Tag(2, WireType);
        KeepsZero = isRequired || schema.ExplicitPresence;
    }

    /// <summary>The name in JSON; empty for an alternative.</summary>
    public string Name { get; }

    public IReadOnlyList<int> Path { get; }

    /// <summary>The place among the fields of the type, sorted by path.</summary>
    public int Order { get; set; }

    public Cardinality Cardinality { get; }

    /// <summary>The schema of one value.</summary>
    public Schema Value { get; }

    public WireKind Kind { get; }

    /// <summary>Of one value.</summary>
    public WireType WireType { get; }

    public uint Tag { get; }

    /// <summary>For a map: the tag of values in their entries.</summary>
    public uint ValueTag { get; }

    /// <summary>Whether a zero is kept.</summary>
    public bool KeepsZero { get; }
}
