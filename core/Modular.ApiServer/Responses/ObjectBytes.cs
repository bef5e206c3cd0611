using System.Buffers;
using System.Text.Json;

namespace Modular.ApiServer;

/// <summary>Cuts the metadata out of an object's JSON, for tables and metadata-only views.</summary>
internal static class ObjectBytes
{
    private static ReadOnlySpan<byte> PartialHead => "{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/"u8;

    /// <summary>Writes the object as PartialObjectMetadata.</summary>
    public static void WritePartial(IBufferWriter<byte> writer, ReadOnlySpan<byte> json, string metaVersion)
    {
        writer.Write(PartialHead);
        writer.Write(metaVersion == "v1" ? "v1"u8 : "v1beta1"u8);
        writer.Write("\",\"metadata\":"u8);
        writer.Write(json[FindMetadata(json)]);
        writer.Write("}"u8);
    }

    private static Range FindMetadata(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 256 });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isMetadata = reader.ValueTextEquals("metadata"u8);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (isMetadata)
            {
                return start..(int)reader.BytesConsumed;
            }
        }

        throw new ArgumentException("the object has no metadata");
    }
}
