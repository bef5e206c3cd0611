using System.Text;
using System.Text.Json;

namespace Modular.ApiMachinery;

/// <summary>Reads and writes the JSON form of sets, <c>FieldsV1</c>: an object of path elements, whose member "." says that the path ends here too.</summary>
public static class FieldSetJson
{
    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = JsonDecoder.DeepestStored };

    /// <summary>Reads a set. Elements of a kind that nobody knows are passed over.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static FieldSet Read(ReadOnlySpan<byte> utf8) => Read(utf8, isWritten: false);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    internal static FieldSet ReadWritten(ReadOnlySpan<byte> utf8) => Read(utf8, isWritten: true);

    private static FieldSet Read(ReadOnlySpan<byte> utf8, bool isWritten)
    {
        var reader = new Utf8JsonReader(utf8, ReaderOptions);
        try
        {
            reader.Read();
            return ReadObject(ref reader, new FieldSetBuilder(), isWritten, out _);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FormatException($"the set of fields is no JSON: {e.Message}", e);
        }
    }

    /// <summary>Writes a set.</summary>
    public static void Write(Utf8JsonWriter writer, FieldSet set)
    {
        writer.WriteStartObject();
        WriteMembers(writer, set);
        writer.WriteEndObject();
    }

    private static void WriteMembers(Utf8JsonWriter writer, FieldSet set)
    {
        Span<char> buffer = stackalloc char[128];
        foreach (var node in set.Nodes)
        {
            var text = node.Element.Text;
            var name = text.Length + 2 <= buffer.Length ? buffer[..(text.Length + 2)] : new char[text.Length + 2];
            name[0] = node.Element.Kind switch
            {
                PathElementKind.Field => 'f',
                PathElementKind.Key => 'k',
                PathElementKind.Value => 'v',
                _ => 'i',
            };
            name[1] = ':';
            text.CopyTo(name[2..]);
            writer.WriteStartObject(name);
            if (node.IsMember && !node.Below.IsEmpty)
            {
                writer.WriteStartObject("."u8);
                writer.WriteEndObject();
            }

            WriteMembers(writer, node.Below);
            writer.WriteEndObject();
        }
    }

    private static FieldSet ReadObject(ref Utf8JsonReader reader, FieldSetBuilder builder, bool isWritten, out bool isMember)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new FormatException("a set of fields holds objects only");
        }

        var begin = builder.Begin();
        var dot = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("."u8))
            {
                dot = true;
                reader.Read();
                reader.Skip();
                continue;
            }

            var isKnown = isWritten ? TryReadWritten(ref reader, out var element) : PathElement.TryParse(reader.GetString()!, out element);
            reader.Read();
            if (isKnown)
            {
                var below = ReadObject(ref reader, builder, isWritten, out var ends);
                builder.Add(element, ends, below);
            }
            else
            {
                reader.Skip();
            }
        }

        var set = builder.End(begin);
        // An object without anything in it is a path that ends.
        isMember = dot || set.IsEmpty;
        return isWritten ? set : Distinct(set);
    }

    private static bool TryReadWritten(ref Utf8JsonReader reader, out PathElement element)
    {
        var name = reader.ValueSpan;
        element = new PathElement(
            name[0] switch { (byte)'f' => PathElementKind.Field, (byte)'k' => PathElementKind.Key, (byte)'v' => PathElementKind.Value, _ => PathElementKind.Index },
            reader.ValueIsEscaped ? reader.GetString()![2..] : Encoding.UTF8.GetString(name[2..]));
        return true;
    }

    private static FieldSet Distinct(FieldSet set)
    {
        for (var i = 1; i < set.Nodes.Length; i++)
        {
            if (set.Nodes[i].Element == set.Nodes[i - 1].Element)
            {
                var distinct = FieldSet.Empty;
                foreach (var node in set.Nodes)
                {
                    distinct = distinct.Union(new FieldSet([node]));
                }

                return distinct;
            }
        }

        return set;
    }
}
