using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Modular.ApiMachinery;

/// <summary>
/// One version of one API object: its canonical UTF-8 JSON and the revision it was written at. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// The JSON holds no <c>resourceVersion</c>, since a store knows the revision only after the write. It begins with
/// <c>{"apiVersion":"..","kind":"..","metadata":{</c>, so that the revision's place is known without parsing: readers get the bytes
/// before it, the revision, and the bytes after it. An object is encoded once and served to every list and watch from these bytes.
/// </remarks>
public sealed class ApiObject
{
    private const long NotLookedFor = -1;

    private readonly ReadOnlyMemory<byte> _body;
    private readonly int _revisionOffset;
    private long _managedFields = NotLookedFor;
    private ObjectMeta? _metadata;
    private object? _model;

    /// <summary>Wraps canonical JSON.</summary>
    /// <param name="kind">The kind the JSON states.</param>
    /// <param name="body">Canonical JSON without a resourceVersion; not copied, must not change.</param>
    /// <param name="revision">The revision of the write, or 0 for an object that was never stored.</param>
    public ApiObject(GroupVersionKind kind, ReadOnlyMemory<byte> body, long revision)
    {
        Kind = kind;
        _body = body;
        _revisionOffset = ObjectEncoding.FindRevisionOffset(body.Span);
        Revision = revision;
    }

    private ApiObject(ApiObject other, long revision)
    {
        Kind = other.Kind;
        _body = other._body;
        _revisionOffset = other._revisionOffset;
        _metadata = other._metadata;
        _model = other._model;
        Revision = revision;
    }

    /// <summary>The object's kind.</summary>
    public GroupVersionKind Kind { get; }

    /// <summary>The cluster revision of this version of the object; what clients know as resourceVersion.</summary>
    public long Revision { get; }

    /// <summary>The canonical JSON without resourceVersion, as it is stored.</summary>
    public ReadOnlyMemory<byte> Body => _body;

    /// <summary>The metadata, parsed on first use.</summary>
    public ObjectMeta Metadata => _metadata ??= ObjectMetaReader.Read(_body.Span);

    /// <summary>Namespace and name.</summary>
    public ObjectName Name => new(Metadata.Namespace, Metadata.Name);

    /// <summary>The same object at another revision: what a DELETED event carries.</summary>
    public ApiObject At(long revision) => new(this, revision);

    /// <summary>
    /// The object as a read model, built once per object and shared by all readers, who must not change it.
    /// </summary>
    /// <param name="type">Source-generated type information; one model type per kind.</param>
    public T Read<T>(JsonTypeInfo<T> type)
        where T : class
    {
        if (_model is T model)
        {
            return model;
        }

        model = JsonSerializer.Deserialize(ToJson(), type) ?? throw new JsonException($"{Kind} {Name} is null");
        _model = model;
        return model;
    }

    /// <summary>Writes the complete JSON, resourceVersion included.</summary>
    public void WriteTo(IBufferWriter<byte> writer)
    {
        var body = _body.Span;
        if (Revision == 0)
        {
            writer.Write(body);
            return;
        }

        writer.Write(body[.._revisionOffset]);
        writer.Write("\"resourceVersion\":\""u8);
        var digits = writer.GetSpan(20);
        Utf8Formatter.TryFormat(Revision, digits, out var written);
        writer.Advance(written);
        writer.Write(body[_revisionOffset] == (byte)'}' ? "\""u8 : "\","u8);
        writer.Write(body[_revisionOffset..]);
    }

    /// <summary>The complete JSON, resourceVersion included.</summary>
    public byte[] ToJson()
    {
        var writer = new ArrayBufferWriter<byte>(_body.Length + 48);
        WriteTo(writer);
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>The JSON of metadata.managedFields as it is stored; empty if there is none. Searched for on first use.</summary>
    public ReadOnlyMemory<byte> ManagedFields
    {
        get
        {
            var place = Interlocked.Read(ref _managedFields);
            if (place == NotLookedFor)
            {
                place = FindManagedFields(_body.Span, _revisionOffset - 1);
                Interlocked.Exchange(ref _managedFields, place);
            }

            return _body.Slice((int)(place >> 32), (int)place);
        }
    }

    /// <summary>A mutable copy of the object, resourceVersion included.</summary>
    public JsonObject ToJsonObject() => JsonDecoder.DecodeStored(ToJson());

    /// <summary>
    /// A mutable copy without metadata.managedFields, which may be as large as the rest: for whoever changes an object and puts them back in
    /// <see cref="ObjectEncoding.Encode(JsonObject, ManagedFields)"/>.
    /// </summary>
    public JsonObject ToUnmanagedJsonObject()
    {
        using var json = new PooledBuffer(_body.Length + 48);
        WriteTo(json);
        if (ManagedFields.Length == 0)
        {
            return JsonDecoder.DecodeStored(json.WrittenSpan);
        }

        // With its name, and with the comma on the one side or the other.
        var (name, added) = ("\"managedFields\":"u8.Length, json.WrittenSpan.Length - _body.Length);
        var start = (int)(_managedFields >> 32) + added - name;
        var end = start + name + ManagedFields.Length;
        (start, end) = json.WrittenSpan[end] == (byte)',' ? (start, end + 1) : json.WrittenSpan[start - 1] == (byte)',' ? (start - 1, end) : (start, end);
        json.Remove(start, end - start);
        return JsonDecoder.DecodeStored(json.WrittenSpan);
    }

    /// <summary>Where they begin, in the upper half, and how long they are, in the lower.</summary>
    private static long FindManagedFields(ReadOnlySpan<byte> body, int metadata)
    {
        for (var at = metadata; CompactJson.NextMember(body, ref at, out var name, out var value);)
        {
            if (name.SequenceEqual("managedFields"u8))
            {
                return ((long)value << 32) | (uint)(at - value);
            }
        }

        return 0;
    }

    /// <inheritdoc />
    public override string ToString() => $"{Kind.Kind} {Name} at {Revision}";
}
