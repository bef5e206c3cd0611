using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>
/// Reads messages into JSON objects. As Go's decoder does it passes over fields that the schema does not know, lets the last of several
/// values win, and merges messages that stand twice.
/// </summary>
internal static class MessageDecoder
{
    /// <summary>Adds a message's fields to an object.</summary>
    /// <param name="message">The message.</param>
    /// <param name="type">Its type.</param>
    /// <param name="target">Where to; attached to its parent, so that errors can tell where it stands.</param>
    /// <param name="depth">How deep the object is nested in JSON.</param>
    public static void Decode(ReadOnlySpan<byte> message, ProtobufMessage type, JsonObject target, int depth)
    {
        Decode(message, type.Numbers, target, depth);
        foreach (var field in type.RequiredCollections)
        {
            _ = field.Cardinality == Cardinality.Map ? GetOrAddObject(target, field) : (JsonNode)GetOrAddArray(target, field);
        }
    }

    private static void Decode(ReadOnlySpan<byte> message, ProtobufNumbers numbers, JsonObject target, int depth)
    {
        if (depth > JsonDecoder.DeepestNesting)
        {
            throw WireReader.Malformed($"messages are nested more than {JsonDecoder.DeepestNesting} deep, at {JsonPaths.PathOf(target)}");
        }

        var reader = new WireReader(message, target);
        while (!reader.AtEnd)
        {
            var number = reader.ReadTag(out var type);
            switch (numbers.Find(number))
            {
                case ({ } field, _):
                    DecodeField(ref reader, type, field, target, depth);
                    break;
                case (_, { } inline):
                    if (type != WireType.Length)
                    {
                        throw WireReader.Malformed($"field {number} of {JsonPaths.PathOf(target)} has wire type {(int)type}, not 2");
                    }

                    // No deeper in JSON, yet it must not recurse without end: paths are short, as the schema has them.
                    Decode(reader.ReadBytes(), inline, target, depth);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }
    }

    private static void DecodeField(ref WireReader reader, WireType type, ProtobufField field, JsonObject target, int depth)
    {
        switch (field.Cardinality)
        {
            case Cardinality.Single:
                DecodeSingle(ref reader, type, field, target, depth);
                break;
            case Cardinality.Repeated:
                DecodeRepeated(ref reader, type, field.Kind, field.Value, GetOrAddArray(target, field), field.Name, depth + 1);
                break;
            default:
                Demand(type, WireType.Length, field.Name, target);
                DecodeEntry(reader.ReadBytes(), field, GetOrAddObject(target, field), depth + 1);
                break;
        }
    }

    private static void DecodeSingle(ref WireReader reader, WireType type, ProtobufField field, JsonObject target, int depth)
    {
        Demand(type, field.WireType, field.Name, target);
        if (field.Kind == WireKind.Message)
        {
            Decode(reader.ReadBytes(), field.Value.Protobuf, GetOrAddObject(target, field), depth + 1);
            return;
        }

        var value = DecodeValue(ref reader, field.Kind, field.Value, depth, field.KeepsZero, new Place(target, field.Name));
        if (value is null)
        {
            target.Remove(field.Name);
        }
        else
        {
            target[field.Name] = value;
        }
    }

    private static void DecodeRepeated(
        ref WireReader reader, WireType type, WireKind kind, Schema items, JsonArray target, string name, int depth)
    {
        var wanted = WireKinds.WireTypeOf(kind);
        if (type == WireType.Length && wanted != WireType.Length)
        {
            // Numbers may be packed: one after the other in one field.
            var packed = new WireReader(reader.ReadBytes(), target);
            while (!packed.AtEnd)
            {
                target.Add(DecodeValue(ref packed, kind, items, depth, keepsZero: true, new Place(target, name)));
            }

            return;
        }

        if (type != wanted)
        {
            throw WireReader.Malformed($"{new Place(target, name)} has wire type {(int)type}, not {(int)wanted}");
        }

        if (kind == WireKind.Message)
        {
            var entry = new JsonObject();
            target.Add((JsonNode)entry);
            Decode(reader.ReadBytes(), items.Protobuf, entry, depth + 1);
        }
        else
        {
            target.Add(DecodeValue(ref reader, kind, items, depth, keepsZero: true, new Place(target, name)));
        }
    }

    private static void DecodeEntry(ReadOnlySpan<byte> entry, ProtobufField field, JsonObject target, int depth)
    {
        var reader = new WireReader(entry, target);
        var key = "";
        JsonNode? value = null;
        ReadOnlySpan<byte> message = default;
        while (!reader.AtEnd)
        {
            var number = reader.ReadTag(out var type);
            if (number == 1)
            {
                Demand(type, WireType.Length, "KEY", target);
                key = ProtobufScalars.Text(reader.ReadBytes(), new Place(target, "KEY"));
            }
            else if (number != 2)
            {
                reader.Skip(type);
            }
            else
            {
                Demand(type, field.WireType, key, target);
                if (field.Kind == WireKind.Message)
                {
                    message = reader.ReadBytes();
                }
                else
                {
                    value = DecodeValue(ref reader, field.Kind, field.Value, depth, keepsZero: true, new Place(target, key));
                }
            }
        }

        if (field.Kind == WireKind.Message)
        {
            // Attached before it is filled: its errors tell where it stands.
            var obj = new JsonObject();
            target[key] = obj;
            Decode(message, field.Value.Protobuf, obj, depth + 1);
        }
        else
        {
            target[key] = value ?? ProtobufScalars.Zero(field.Kind);
        }
    }

    /// <summary>A value that is not a message of its own schema; null if it is absent.</summary>
    private static JsonNode? DecodeValue(ref WireReader reader, WireKind kind, Schema schema, int depth, bool keepsZero, Place place)
    {
        switch (kind)
        {
            case WireKind.Boolean:
                var flag = reader.ReadVarint() != 0;
                return flag || keepsZero ? JsonValue.Create(flag) : null;
            case WireKind.Int32:
                var small = (int)reader.ReadVarint();
                return small != 0 || keepsZero ? JsonValue.Create((long)small) : null;
            case WireKind.Int64:
                var number = (long)reader.ReadVarint();
                return number != 0 || keepsZero ? JsonValue.Create(number) : null;
            case WireKind.Double:
                return ProtobufScalars.Double(reader.ReadDouble(), keepsZero, place);
            case WireKind.OneOf:
                return DecodeOneOf(reader.ReadBytes(), schema, depth, place);
            case WireKind.List:
                return DecodeList(reader.ReadBytes(), schema, depth, place);
            default:
                return ProtobufScalars.Decode(reader.ReadBytes(), kind, depth, keepsZero, place);
        }
    }

    private static JsonArray DecodeList(ReadOnlySpan<byte> message, Schema list, int depth, Place place)
    {
        var items = list.Items!;
        var entries = new JsonArray();
        var reader = new WireReader(message, place.Parent);
        while (!reader.AtEnd)
        {
            if (reader.ReadTag(out var type) == 1)
            {
                DecodeRepeated(ref reader, type, WireKinds.Of(items), items, entries, place.Name, depth + 1);
            }
            else
            {
                reader.Skip(type);
            }
        }

        return entries;
    }

    /// <summary>What one of the alternatives holds: a message, entries, or true or false. The last two give way to a message.</summary>
    private static JsonNode? DecodeOneOf(ReadOnlySpan<byte> message, Schema schema, int depth, Place place)
    {
        JsonNode? value = null;
        var numbers = schema.Protobuf.Numbers;
        var reader = new WireReader(message, place.Parent);
        while (!reader.AtEnd)
        {
            var number = reader.ReadTag(out var type);
            if (numbers.Find(number).Field is not { } field)
            {
                reader.Skip(type);
            }
            else if (field.Cardinality == Cardinality.Repeated)
            {
                var entries = value as JsonArray ?? [];
                DecodeRepeated(ref reader, type, field.Kind, field.Value, entries, place.Name, depth + 1);
                value = value is JsonObject ? value : entries;
            }
            else if (type != field.WireType)
            {
                throw WireReader.Malformed($"field {number} of {place} has wire type {(int)type}, not {(int)field.WireType}");
            }
            else if (field.Kind == WireKind.Message)
            {
                var obj = new JsonObject();
                Decode(reader.ReadBytes(), field.Value.Protobuf, obj, depth + 1);
                value = obj;
            }
            else
            {
                var scalar = DecodeValue(ref reader, field.Kind, field.Value, depth, keepsZero: true, place);
                value = value is JsonObject ? value : scalar;
            }
        }

        return value;
    }

    private static JsonObject GetOrAddObject(JsonObject target, ProtobufField field)
    {
        if (target[field.Name] is JsonObject present)
        {
            return present;
        }

        var made = new JsonObject();
        target[field.Name] = made;
        return made;
    }

    private static JsonArray GetOrAddArray(JsonObject target, ProtobufField field)
    {
        if (target[field.Name] is JsonArray present)
        {
            return present;
        }

        var made = new JsonArray();
        target[field.Name] = made;
        return made;
    }

    private static void Demand(WireType type, WireType wanted, string name, JsonObject target)
    {
        if (type != wanted)
        {
            throw WireReader.Malformed($"{new Place(target, name)} has wire type {(int)type}, not {(int)wanted}");
        }
    }
}

/// <summary>Where a value stands, for errors.</summary>
internal readonly record struct Place(JsonNode Parent, string Name)
{
    public override string ToString() => Parent is JsonArray ? JsonPaths.PathOf(Parent) : JsonPaths.Join(JsonPaths.PathOf(Parent), Name);
}
