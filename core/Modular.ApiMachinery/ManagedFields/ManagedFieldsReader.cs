using System.Text.Json;

namespace Modular.ApiMachinery;

/// <summary>Reads the entries of metadata.managedFields.</summary>
internal static class ManagedFieldsReader
{
    private static readonly byte[] EmptySet = "{}"u8.ToArray();

    /// <summary>Reads what <see cref="ManagedFields.Write"/> wrote, without a look into the sets.</summary>
    public static ManagedFieldsEntry[] ReadWritten(ReadOnlyMemory<byte> utf8)
    {
        var json = utf8.Span;
        var entries = new List<ManagedFieldsEntry>(4);
        for (var at = 1; json[at] == (byte)'{'; at += json[at] == (byte)',' ? 1 : 0)
        {
            var (manager, version, time, subresource) = ("", "", default(string), "");
            var (isApplied, fields) = (false, (ReadOnlyMemory<byte>)EmptySet);
            while (CompactJson.NextMember(json, ref at, out var name, out var value))
            {
                switch (KindOf(name))
                {
                    case 'm': manager = CompactJson.TextOf(json[value..at]); break;
                    case 'o': isApplied = json[value..at].SequenceEqual("\"Apply\""u8); break;
                    case 'a': version = CompactJson.TextOf(json[value..at]); break;
                    case 't': time = CompactJson.TextOf(json[value..at]); break;
                    case 's': subresource = CompactJson.TextOf(json[value..at]); break;
                    case 'v': fields = utf8[value..at]; break;
                }
            }

            entries.Add(new ManagedFieldsEntry(new FieldWriter(manager, version, subresource), isApplied, time, fields));
            at++;
        }

        return [.. entries];
    }

    /// <summary>Reads what a client sent, as far as it can be told without a look into the sets; false if any of it is wrong.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> utf8, out List<ManagedFieldsEntry> entries)
    {
        entries = [];
        var reader = new Utf8JsonReader(utf8.Span, new JsonReaderOptions { MaxDepth = JsonDecoder.DeepestStored });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            {
                if (ReadEntry(ref reader, utf8) is not { } entry)
                {
                    return false;
                }

                entries.Add(entry);
            }

            return reader.TokenType == JsonTokenType.EndArray;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static ManagedFieldsEntry? ReadEntry(ref Utf8JsonReader reader, ReadOnlyMemory<byte> utf8)
    {
        string? manager = null, operation = null, version = null, time = null, type = null, subresource = null;
        ReadOnlyMemory<byte> fields = EmptySet;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var kind = KindOf(reader.ValueSpan);
            reader.Read();
            if (kind == 'v' && reader.TokenType == JsonTokenType.StartObject)
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                fields = utf8[start..(int)reader.BytesConsumed];
                continue;
            }

            switch (kind)
            {
                case 'm': manager = reader.GetString(); break;
                case 'o': operation = reader.GetString(); break;
                case 'a': version = reader.GetString(); break;
                case 't': time = reader.GetString(); break;
                case 'f': type = reader.GetString(); break;
                case 's': subresource = reader.GetString(); break;
                default: reader.Skip(); break;
            }
        }

        if (type != "FieldsV1" || operation is not ("Apply" or "Update") || version is null)
        {
            return null;
        }

        return new ManagedFieldsEntry(new FieldWriter(manager ?? "", version, subresource ?? ""), operation == "Apply", time, fields);
    }

    private static char KindOf(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("manager"u8) ? 'm'
        : name.SequenceEqual("operation"u8) ? 'o'
        : name.SequenceEqual("apiVersion"u8) ? 'a'
        : name.SequenceEqual("time"u8) ? 't'
        : name.SequenceEqual("fieldsType"u8) ? 'f'
        : name.SequenceEqual("fieldsV1"u8) ? 'v'
        : name.SequenceEqual("subresource"u8) ? 's' : '?';
}
