using System.Text.Json;
using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>Writes objects in the canonical form that <see cref="ApiObject"/> relies on.</summary>
public static class ObjectEncoding
{
    private const int FirstCapacity = 4096;

    private static readonly JsonWriterOptions Compact = new()
    {
        SkipValidation = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = JsonDecoder.DeepestStored,
    };

    /// <summary>
    /// Encodes an object as canonical JSON: apiVersion, kind, metadata without resourceVersion, then the other fields in their order.
    /// </summary>
    /// <exception cref="ArgumentException">The object has no apiVersion, kind or metadata.</exception>
    public static byte[] Encode(JsonObject obj) => Encode(obj, ManagedFields.None);

    /// <summary>Encodes an object whose metadata.managedFields are at hand, and not in the object.</summary>
    /// <param name="obj">The object.</param>
    /// <param name="managedFields">Who owns what.</param>
    /// <exception cref="ArgumentException">The object has no apiVersion, kind or metadata.</exception>
    public static byte[] Encode(JsonObject obj, ManagedFields managedFields)
    {
        using var buffer = new PooledBuffer(FirstCapacity);
        using (var writer = new Utf8JsonWriter(buffer, Compact))
        {
            writer.WriteStartObject();
            WriteMember(writer, obj, "apiVersion");
            WriteMember(writer, obj, "kind");
            WriteMetadata(writer, obj, managedFields);
            foreach (var (name, value) in obj)
            {
                if (name is not ("apiVersion" or "kind" or "metadata"))
                {
                    writer.WritePropertyName(name);
                    WriteNode(writer, value);
                }
            }

            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }

    /// <summary>Encodes any JSON value compactly, in the order its members have.</summary>
    public static byte[] EncodeValue(JsonNode? node)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, Compact))
        {
            WriteNode(writer, node);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Where the revision belongs in canonical JSON: right behind the brace that opens metadata.</summary>
    /// <exception cref="ArgumentException">The bytes are not canonical.</exception>
    public static int FindRevisionOffset(ReadOnlySpan<byte> body)
    {
        var at = body.IndexOf("\"metadata\":{"u8);
        return at > 0
            ? at + "\"metadata\":{"u8.Length
            : throw new ArgumentException("not canonical JSON of an API object: no metadata");
    }

    private static void WriteMember(Utf8JsonWriter writer, JsonObject obj, string name)
    {
        writer.WritePropertyName(name);
        WriteNode(writer, obj[name] ?? throw new ArgumentException($"the object has no {name}"));
    }

    private static void WriteMetadata(Utf8JsonWriter writer, JsonObject obj, ManagedFields managedFields)
    {
        var metadata = obj["metadata"] as JsonObject ?? throw new ArgumentException("the object has no metadata");
        writer.WritePropertyName("metadata");
        writer.WriteStartObject();
        foreach (var (name, value) in metadata)
        {
            if (name != "resourceVersion")
            {
                writer.WritePropertyName(name);
                WriteNode(writer, value);
            }
        }

        if (!managedFields.IsEmpty)
        {
            writer.WritePropertyName("managedFields"u8);
            managedFields.Write(writer);
        }

        writer.WriteEndObject();
    }

    private static void WriteNode(Utf8JsonWriter writer, JsonNode? node)
    {
        if (node is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            node.WriteTo(writer);
        }
    }
}
