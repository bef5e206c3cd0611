using System.Text.Json;

namespace Modular.ApiMachinery;

/// <summary>Reads metadata out of canonical JSON without building a tree, and stops where metadata ends.</summary>
internal static class ObjectMetaReader
{
    public static ObjectMeta Read(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = JsonDecoder.DeepestStored });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isMetadata = reader.ValueTextEquals("metadata"u8);
            reader.Read();
            if (isMetadata)
            {
                return ReadMetadata(ref reader, body);
            }

            reader.Skip();
        }

        return new ObjectMeta();
    }

    private static ObjectMeta ReadMetadata(ref Utf8JsonReader reader, ReadOnlySpan<byte> body)
    {
        var meta = new ObjectMeta();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            if (reader.TokenType == JsonTokenType.Null)
            {
                continue;
            }

            switch (name)
            {
                case "name": meta = meta with { Name = reader.GetString()! }; break;
                case "namespace": meta = meta with { Namespace = reader.GetString()! }; break;
                case "uid": meta = meta with { Uid = reader.GetString()! }; break;
                case "generation": meta = meta with { Generation = reader.GetInt64() }; break;
                case "creationTimestamp": meta = meta with { CreationTimestamp = reader.GetDateTimeOffset() }; break;
                case "deletionTimestamp": meta = meta with { DeletionTimestamp = reader.GetDateTimeOffset() }; break;
                case "deletionGracePeriodSeconds": meta = meta with { DeletionGracePeriodSeconds = reader.GetInt64() }; break;
                case "labels": meta = meta with { Labels = ReadMap(ref reader) }; break;
                case "annotations": meta = meta with { Annotations = ReadMap(ref reader) }; break;
                case "finalizers": meta = meta with { Finalizers = ReadStrings(ref reader) }; break;
                case "ownerReferences": meta = meta with { OwnerReferences = ReadOwners(ref reader) }; break;
                case "managedFields" when IsLast(body, (int)reader.TokenStartIndex): return meta;
                default: reader.Skip(); break;
            }
        }

        return meta;
    }

    // What is not read is stepped over sooner than read.
    private static bool IsLast(ReadOnlySpan<byte> body, int value) => body[CompactJson.SkipValue(body, value)] == (byte)'}';

    private static Dictionary<string, string> ReadMap(ref Utf8JsonReader reader)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            map[key] = reader.GetString() ?? "";
        }

        return map;
    }

    private static List<string> ReadStrings(ref Utf8JsonReader reader)
    {
        var list = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            list.Add(reader.GetString()!);
        }

        return list;
    }

    private static List<OwnerReference> ReadOwners(ref Utf8JsonReader reader)
    {
        var owners = new List<OwnerReference>();
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var owner = new OwnerReference("", "", "", "");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString();
                reader.Read();
                owner = name switch
                {
                    "apiVersion" => owner with { ApiVersion = reader.GetString()! },
                    "kind" => owner with { Kind = reader.GetString()! },
                    "name" => owner with { Name = reader.GetString()! },
                    "uid" => owner with { Uid = reader.GetString()! },
                    "controller" => owner with { IsController = reader.GetBoolean() },
                    "blockOwnerDeletion" => owner with { BlockOwnerDeletion = reader.GetBoolean() },
                    _ => owner,
                };
            }

            owners.Add(owner);
        }

        return owners;
    }
}
