namespace Modular.ApiMachinery;

/// <summary>What one value is in protobuf.</summary>
internal enum WireKind
{
    /// <summary>Nothing that protobuf can hold.</summary>
    None,
    String,
    /// <summary>Base64 in JSON.</summary>
    Bytes,
    Boolean,
    Int32,
    Int64,
    Double,
    Message,
    Time,
    MicroTime,
    Quantity,
    IntOrString,
    /// <summary>A message around the value's JSON.</summary>
    Json,
    /// <summary>A message of which one field holds the value, by its JSON type.</summary>
    OneOf,
    /// <summary>A message around a list, where protobuf can't repeat the field itself: in maps.</summary>
    List,
}

/// <summary>Reads kinds off schemas.</summary>
internal static class WireKinds
{
    /// <summary>The kind of a single value: an entry of a list, a value of a map, a field that is neither.</summary>
    public static WireKind Of(Schema schema) => schema.Type switch
    {
        SchemaType.Object => schema.AdditionalProperties is null ? WireKind.Message : WireKind.None,
        SchemaType.Array => schema.Items is null ? WireKind.None : WireKind.List,
        SchemaType.String => schema.Format switch
        {
            "byte" => WireKind.Bytes,
            "date-time" => WireKind.Time,
            "micro-time" => WireKind.MicroTime,
            _ => WireKind.String,
        },
        SchemaType.Integer => schema.Format == "int32" ? WireKind.Int32 : WireKind.Int64,
        SchemaType.Number => WireKind.Double,
        SchemaType.Boolean => WireKind.Boolean,
        SchemaType.IntOrString => WireKind.IntOrString,
        SchemaType.Quantity => WireKind.Quantity,
        _ => schema.Alternatives.Count > 0 ? WireKind.OneOf : WireKind.Json,
    };

    public static WireType WireTypeOf(WireKind kind) => kind switch
    {
        WireKind.Boolean or WireKind.Int32 or WireKind.Int64 => WireType.Varint,
        WireKind.Double => WireType.Fixed64,
        _ => WireType.Length,
    };
}
