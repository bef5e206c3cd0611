using System.Runtime.InteropServices;
using System.Text.Json;

namespace Modular.ApiMachinery;

/// <summary>
/// Writes JSON as a message in one pass, as it is read. Fields come in the order of their numbers and maps in the order of their keys, as Go writes them; what stood in
/// another order in JSON is moved once its object is complete.
/// </summary>
internal ref struct MessageEncoder(ReadOnlySpan<byte> json, PooledBuffer output, PooledBuffer scratch, List<Segment> segments)
{
    private const int FewFields = 48;

    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = 256 };

    private readonly ReadOnlySpan<byte> _json = json;
    private Utf8JsonReader _reader = new(json, ReaderOptions);

    public void Encode(Schema schema)
    {
        _reader.Read();
        WriteFields(schema.Protobuf, "the object");
    }

    private void WriteFields(ProtobufMessage message, string name)
    {
        Demand(JsonTokenType.StartObject, name);
        var first = segments.Count;
        var start = output.Length;
        var (inOrder, last) = (true, -1);
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = Find(message);
            _reader.Read();
            if (field is null || _reader.TokenType == JsonTokenType.Null)
            {
                _reader.Skip();
                continue;
            }

            var at = output.Length;
            WriteField(field);
            if (output.Length > at)
            {
                segments.Add(new Segment(field, at, output.Length - at, 0, 0));
                inOrder &= field.Order > last && field.Path.Count == 1;
                last = field.Order;
            }
        }

        if (!inOrder)
        {
            var written = CollectionsMarshal.AsSpan(segments)[first..];
            Sort(written);
            Arrange(written, start);
        }

        CollectionsMarshal.SetCount(segments, first);
    }

    private ProtobufField? Find(ProtobufMessage message) =>
        _reader.ValueIsEscaped ? message.Find(System.Text.Encoding.UTF8.GetBytes(_reader.GetString()!)) : message.Find(_reader.ValueSpan);

    private void WriteField(ProtobufField field)
    {
        switch (field.Cardinality)
        {
            case Cardinality.Single:
                WriteValue(field.Kind, field.Value, field.Tag, field.Name);
                break;
            case Cardinality.Repeated:
                WriteEntries(field.Kind, field.Value, field.Tag, field.Name);
                break;
            default:
                WriteMap(field);
                break;
        }
    }

    private void WriteEntries(WireKind kind, Schema items, uint tag, string name)
    {
        Demand(JsonTokenType.StartArray, name);
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            WriteValue(kind, items, tag, name);
        }
    }

    private void WriteMap(ProtobufField field)
    {
        Demand(JsonTokenType.StartObject, field.Name);
        var first = segments.Count;
        var start = output.Length;
        var inOrder = true;
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var at = output.Length;
            output.WriteVarint(field.Tag);
            var tagSize = output.Length - at;
            var entry = output.BeginLength();
            output.WriteByte(0x0a);
            var keyLength = WriteText();
            var keyEnd = output.Length;
            _reader.Read();
            if (_reader.TokenType != JsonTokenType.Null)
            {
                WriteValue(field.Kind, field.Value, field.ValueTag, field.Name);
            }
            else if (field.WireType != WireType.Fixed64)
            {
                // The key stays: the value is zero, or empty.
                output.WriteVarint(field.ValueTag);
                output.WriteByte(0);
            }

            var length = output.Length - entry;
            output.EndLength(entry);
            // The entry's own length may have moved the key.
            var keyStart = at + tagSize + Wire.VarintSize((ulong)length) + (keyEnd - entry) - keyLength;
            var segment = new Segment(field, at, output.Length - at, keyStart, keyLength);
            inOrder &= segments.Count == first || new SegmentKeyComparer(output).Compare(segments[^1], segment) < 0;
            segments.Add(segment);
        }

        if (!inOrder)
        {
            var written = CollectionsMarshal.AsSpan(segments)[first..];
            written.Sort(new SegmentKeyComparer(output));
            scratch.Clear();
            foreach (var segment in written)
            {
                scratch.Write(output.WrittenSpan.Slice(segment.Start, segment.Length));
            }

            output.Truncate(start);
            output.Write(scratch.WrittenSpan);
        }

        CollectionsMarshal.SetCount(segments, first);
    }

    private void WriteValue(WireKind kind, Schema schema, uint tag, string name)
    {
        output.WriteVarint(tag);
        switch (kind)
        {
            case WireKind.String:
                Demand(JsonTokenType.String, name);
                WriteText();
                return;
            case WireKind.Boolean:
                output.WriteByte(ReadFlag(name));
                return;
            case WireKind.Int32:
            case WireKind.Int64:
                output.WriteVarint((ulong)ReadNumber(name));
                return;
            case WireKind.Double:
                ProtobufText.WriteDouble(ref _reader, output, name);
                return;
            case WireKind.Bytes:
                Demand(JsonTokenType.String, name);
                ProtobufText.WriteBase64(ref _reader, output, name);
                return;
        }

        var begin = output.BeginLength();
        switch (kind)
        {
            case WireKind.Message:
                WriteFields(schema.Protobuf, name);
                break;
            case WireKind.Time:
            case WireKind.MicroTime:
                Demand(JsonTokenType.String, name);
                ProtobufText.WriteTime(ref _reader, output, kind == WireKind.MicroTime, name);
                break;
            case WireKind.Quantity:
                WriteQuantity(name);
                break;
            case WireKind.IntOrString:
                WriteIntOrString(name);
                break;
            case WireKind.OneOf:
                WriteOneOf(schema, name);
                break;
            case WireKind.List:
                WriteEntries(WireKinds.Of(schema.Items!), schema.Items!, Wire.Tag(1, WireKinds.WireTypeOf(WireKinds.Of(schema.Items!))), name);
                break;
            default:
                WriteJson();
                break;
        }

        output.EndLength(begin);
    }

    private void WriteQuantity(string name)
    {
        output.WriteByte(0x0a);
        if (_reader.TokenType == JsonTokenType.Number)
        {
            output.WriteVarint((ulong)_reader.ValueSpan.Length);
            output.Write(_reader.ValueSpan);
            return;
        }

        Demand(JsonTokenType.String, name);
        WriteText();
    }

    // Go writes all three fields, whichever counts.
    private void WriteIntOrString(string name)
    {
        if (_reader.TokenType == JsonTokenType.Number)
        {
            output.Write([0x08, 0, 0x10]);
            output.WriteVarint((ulong)ReadNumber(name));
            output.Write([0x1a, 0]);
            return;
        }

        Demand(JsonTokenType.String, name);
        output.Write([0x08, 1, 0x10, 0, 0x1a]);
        WriteText();
    }

    private void WriteJson()
    {
        var start = (int)_reader.TokenStartIndex;
        _reader.Skip();
        var value = _json[start..(int)_reader.BytesConsumed];
        output.WriteByte(0x0a);
        output.WriteVarint((ulong)value.Length);
        output.Write(value);
    }

    private void WriteOneOf(Schema schema, string name)
    {
        foreach (var field in schema.Protobuf.Fields)
        {
            var isObject = _reader.TokenType == JsonTokenType.StartObject;
            var isFlag = field is { Cardinality: Cardinality.Single, Kind: WireKind.Boolean };
            if (isFlag && isObject)
            {
                // A schema allows what it describes.
                output.WriteVarint(field.Tag);
                output.WriteByte(1);
            }
            else if ((isFlag && _reader.TokenType is JsonTokenType.True or JsonTokenType.False)
                || (field.Cardinality == Cardinality.Repeated && _reader.TokenType == JsonTokenType.StartArray)
                || (field.Kind == WireKind.Message && field.Cardinality == Cardinality.Single && isObject))
            {
                WriteField(field);
                return;
            }
        }

        throw Mismatch(name);
    }

    /// <summary>Writes the length and bytes of a string, or of a property's name; answers its length.</summary>
    private int WriteText()
    {
        if (!_reader.ValueIsEscaped)
        {
            var text = _reader.ValueSpan;
            output.WriteVarint((ulong)text.Length);
            output.Write(text);
            return text.Length;
        }

        var begin = output.BeginLength();
        var length = _reader.CopyString(output.GetSpan(_reader.ValueSpan.Length));
        output.Advance(length);
        output.EndLength(begin);
        return length;
    }

    private readonly byte ReadFlag(string name) => _reader.TokenType switch
    {
        JsonTokenType.True => 1,
        JsonTokenType.False => 0,
        _ => throw Mismatch(name),
    };

    private long ReadNumber(string name) =>
        _reader.TokenType == JsonTokenType.Number && _reader.TryGetInt64(out var number) ? number : throw Mismatch(name);

    private static void Sort(Span<Segment> written)
    {
        if (written.Length > FewFields)
        {
            written.Sort(static (a, b) => a.Field.Order.CompareTo(b.Field.Order));
            return;
        }

        // Few and mostly in order: insertion beats a sort that asks a delegate.
        for (var i = 1; i < written.Length; i++)
        {
            var moved = written[i];
            var at = i;
            for (; at > 0 && written[at - 1].Field.Order > moved.Field.Order; at--)
            {
                written[at] = written[at - 1];
            }

            written[at] = moved;
        }
    }

    /// <summary>Puts the fields of an object in order, and those together that protobuf has in a message of their own.</summary>
    private readonly void Arrange(ReadOnlySpan<Segment> written, int start)
    {
        scratch.Clear();
        Copy(written, depth: 0);
        output.Truncate(start);
        output.Write(scratch.WrittenSpan);
    }

    private readonly void Copy(ReadOnlySpan<Segment> written, int depth)
    {
        for (var i = 0; i < written.Length;)
        {
            var path = written[i].Field.Path;
            if (path.Count == depth + 1)
            {
                scratch.Write(output.WrittenSpan.Slice(written[i].Start, written[i].Length));
                i++;
                continue;
            }

            var end = i + 1;
            while (end < written.Length && written[end].Field.Path.Count > depth + 1 && written[end].Field.Path[depth] == path[depth])
            {
                end++;
            }

            scratch.WriteVarint(Wire.Tag(path[depth], WireType.Length));
            var begin = scratch.BeginLength();
            Copy(written[i..end], depth + 1);
            scratch.EndLength(begin);
            i = end;
        }
    }

    private readonly void Demand(JsonTokenType type, string name)
    {
        if (_reader.TokenType != type)
        {
            throw Mismatch(name);
        }
    }

    private static InvalidDataException Mismatch(string name) => new($"{name} is not what its schema says");
}
