using System.Collections.Frozen;
using System.Text.Json;

namespace Modular.ApiMachinery;

/// <summary>Reads metadata out of canonical JSON without building a tree, and stops where metadata ends.</summary>
internal static class ObjectMetaReader
{
    private static readonly IReadOnlyDictionary<string, string> Nothing = FrozenDictionary<string, string>.Empty;

    private enum Member
    {
        Other,
        Name,
        Namespace,
        Uid,
        Generation,
        CreationTimestamp,
        DeletionTimestamp,
        DeletionGracePeriodSeconds,
        Labels,
        Annotations,
        Finalizers,
        OwnerReferences,
        ManagedFields,
    }

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
        string name = "", ns = "", uid = "";
        long generation = 0;
        long? grace = null;
        DateTimeOffset created = default;
        DateTimeOffset? deleted = null;
        IReadOnlyDictionary<string, string> labels = Nothing, annotations = Nothing;
        IReadOnlyList<string> finalizers = [];
        IReadOnlyList<OwnerReference> owners = [];
        var isDone = false;
        while (!isDone && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var member = MemberOf(ref reader);
            reader.Read();
            if (reader.TokenType == JsonTokenType.Null)
            {
                continue;
            }

            switch (member)
            {
                case Member.Name: name = reader.GetString()!; break;
                case Member.Namespace: ns = reader.GetString()!; break;
                case Member.Uid: uid = reader.GetString()!; break;
                case Member.Generation: generation = reader.GetInt64(); break;
                case Member.CreationTimestamp: created = reader.GetDateTimeOffset(); break;
                case Member.DeletionTimestamp: deleted = reader.GetDateTimeOffset(); break;
                case Member.DeletionGracePeriodSeconds: grace = reader.GetInt64(); break;
                case Member.Labels: labels = ReadMap(ref reader); break;
                case Member.Annotations: annotations = ReadMap(ref reader); break;
                case Member.Finalizers: finalizers = ReadStrings(ref reader); break;
                case Member.OwnerReferences: owners = ReadOwners(ref reader); break;
                case Member.ManagedFields when IsLast(body, (int)reader.TokenStartIndex): isDone = true; break;
                default: reader.Skip(); break;
            }
        }

        return new ObjectMeta
        {
            Name = name,
            Namespace = ns,
            Uid = uid,
            Generation = generation,
            CreationTimestamp = created,
            DeletionTimestamp = deleted,
            DeletionGracePeriodSeconds = grace,
            Labels = labels,
            Annotations = annotations,
            Finalizers = finalizers,
            OwnerReferences = owners,
        };
    }

    private static Member MemberOf(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("name"u8) ? Member.Name
        : reader.ValueTextEquals("namespace"u8) ? Member.Namespace
        : reader.ValueTextEquals("uid"u8) ? Member.Uid
        : reader.ValueTextEquals("creationTimestamp"u8) ? Member.CreationTimestamp
        : reader.ValueTextEquals("labels"u8) ? Member.Labels
        : reader.ValueTextEquals("managedFields"u8) ? Member.ManagedFields
        : reader.ValueTextEquals("annotations"u8) ? Member.Annotations
        : reader.ValueTextEquals("ownerReferences"u8) ? Member.OwnerReferences
        : reader.ValueTextEquals("generation"u8) ? Member.Generation
        : reader.ValueTextEquals("finalizers"u8) ? Member.Finalizers
        : reader.ValueTextEquals("deletionTimestamp"u8) ? Member.DeletionTimestamp
        : reader.ValueTextEquals("deletionGracePeriodSeconds"u8) ? Member.DeletionGracePeriodSeconds
        : Member.Other;

    // What is not read is stepped over sooner than read.
    private static bool IsLast(ReadOnlySpan<byte> body, int value) => body[CompactJson.SkipValue(body, value)] == (byte)'}';

    private static IReadOnlyDictionary<string, string> ReadMap(ref Utf8JsonReader reader)
    {
        var few = new KeyValuePair<string, string>[FewStrings.Most];
        Dictionary<string, string>? many = null;
        var count = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            var value = reader.GetString() ?? "";
            if (count < few.Length)
            {
                few[count++] = new(key, value);
                continue;
            }

            many ??= new Dictionary<string, string>(few, StringComparer.Ordinal);
            many[key] = value;
        }

        return many ?? (count == 0 ? Nothing : new FewStrings(few[..count]));
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
