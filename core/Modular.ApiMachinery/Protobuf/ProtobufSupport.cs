namespace Modular.ApiMachinery;

/// <summary>Whether objects of a schema can cross as protobuf.</summary>
internal enum ProtobufSupport : byte
{
    Unknown,
    Yes,
    No,
}

/// <summary>Finds out whether protobuf can hold all that a schema's objects may hold.</summary>
internal static class ProtobufSupports
{
    private const int HighestNumber = (1 << 29) - 1;
    // Schemas of plugins may be inside one another without end.
    private const int Deepest = 500;

    public static ProtobufSupport Of(Schema schema) =>
        schema is { Type: SchemaType.Object, AdditionalProperties: null } && IsWhole(schema, new HashSet<object>(ReferenceEqualityComparer.Instance), 0)
            ? ProtobufSupport.Yes
            : ProtobufSupport.No;

    private static bool IsWhole(Schema schema, HashSet<object> seen, int depth)
    {
        if (depth > Deepest)
        {
            return false;
        }

        switch (schema.Type)
        {
            case SchemaType.Array:
                return schema.Items is { } items && WireKinds.Of(items) != WireKind.None && IsWhole(items, seen, depth + 1);
            case SchemaType.Object when schema.AdditionalProperties is { } values:
                return schema.Properties.Count == 0 && WireKinds.Of(values) != WireKind.None && IsWhole(values, seen, depth + 1);
            case SchemaType.Object:
                // Uses of one type share its properties.
                return !schema.PreserveUnknownFields && (!seen.Add(schema.Properties) || HasPlaces(schema, seen, depth));
            case SchemaType.Any:
                return schema.Alternatives.Count == 0 || HasPlaces(schema, seen, depth);
            default:
                return true;
        }
    }

    private static bool HasPlaces(Schema schema, HashSet<object> seen, int depth)
    {
        var places = new FieldPlaces();
        foreach (var (name, property) in schema.Properties)
        {
            // The envelope says what an object is.
            if (property.FieldPath.Count == 0 && name is "apiVersion" or "kind")
            {
                continue;
            }

            if (!places.Take(property.FieldPath) || !IsWhole(property, seen, depth + 1))
            {
                return false;
            }
        }

        foreach (var alternative in schema.Alternatives)
        {
            if (!places.Take(alternative.FieldPath) || (seen.Add(alternative) && !IsWhole(alternative, seen, depth + 1)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The places taken in one message.</summary>
    private sealed class FieldPlaces
    {
        private readonly HashSet<string> _fields = new(StringComparer.Ordinal);
        private readonly HashSet<string> _inline = new(StringComparer.Ordinal);

        /// <summary>Takes a place; false if it is none, or taken by a field or by a message with fields.</summary>
        public bool Take(IReadOnlyList<int> path)
        {
            var place = "";
            for (var i = 0; i < path.Count; i++)
            {
                if (path[i] is < 1 or > HighestNumber)
                {
                    return false;
                }

                place = $"{place}.{path[i]}";
                if (_fields.Contains(place))
                {
                    return false;
                }

                if (i < path.Count - 1)
                {
                    _inline.Add(place);
                }
            }

            return path.Count > 0 && !_inline.Contains(place) && _fields.Add(place);
        }
    }
}

/// <summary>The protobuf form of the API.</summary>
public static class ProtobufFormat
{
    /// <summary>The media type of objects and lists.</summary>
    public const string MediaType = "application/vnd.kubernetes.protobuf";

    /// <summary>The media type of watches.</summary>
    public const string WatchMediaType = MediaType + ";stream=watch";

    /// <summary>Whether objects of a schema have a protobuf form: all fields have a place in it.</summary>
    public static bool Speaks(Schema schema) => schema.ProtobufSupport == ProtobufSupport.Yes;
}
