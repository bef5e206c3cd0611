using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;

namespace Modular.ApiServer;

/// <summary>Writes watch events, one JSON object a line, in the form the client asked for. Belongs to one watch.</summary>
internal sealed class WatchEventBody
{
    private readonly ResourceDefinition _definition;
    private readonly ResponseFormat _format;
    private readonly TableBody? _table;
    private readonly ArrayBufferWriter<byte>? _scratch;
    private readonly byte[] _bookmarkHead;
    private bool _columnsSent;

    public WatchEventBody(ResourceDefinition definition, ResponseFormat format, RowObject rowObject, TimeProvider time)
    {
        _definition = definition;
        _format = format;
        _table = format.Representation == Representation.Table ? new TableBody(definition, format.MetaVersion, rowObject, time) : null;
        _scratch = format.Representation == Representation.Metadata ? new ArrayBufferWriter<byte>(4096) : null;
        _bookmarkHead = BookmarkHead();
    }

    /// <summary>Writes one event.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="watchEvent">The event.</param>
    /// <param name="initialEventsEnd">For the bookmark behind the initial objects: says that they are complete.</param>
    public void Write(IBufferWriter<byte> writer, WatchEvent watchEvent, bool initialEventsEnd)
    {
        writer.Write(watchEvent.Type switch
        {
            WatchEventType.Added => "{\"type\":\"ADDED\",\"object\":"u8,
            WatchEventType.Modified => "{\"type\":\"MODIFIED\",\"object\":"u8,
            WatchEventType.Deleted => "{\"type\":\"DELETED\",\"object\":"u8,
            _ => "{\"type\":\"BOOKMARK\",\"object\":"u8,
        });
        if (watchEvent.Type == WatchEventType.Bookmark)
        {
            WriteBookmark(writer, watchEvent.Object.Revision, initialEventsEnd);
        }
        else
        {
            WriteObject(writer, watchEvent.Object);
        }

        writer.Write("}\n"u8);
    }

    /// <summary>Writes the event that tells why a watch ends.</summary>
    public static void WriteError(IBufferWriter<byte> writer, ApiStatus status)
    {
        writer.Write("{\"type\":\"ERROR\",\"object\":"u8);
        writer.Write(ObjectEncoding.EncodeValue(status.ToJson()));
        writer.Write("}\n"u8);
    }

    private void WriteObject(IBufferWriter<byte> writer, ApiObject obj)
    {
        if (_table is not null)
        {
            _table.WriteHeader(writer, obj.Revision, "", null, columns: !_columnsSent);
            _columnsSent = true;
            _table.WriteRow(writer, obj);
            TableBody.WriteTrailer(writer);
        }
        else if (_scratch is not null)
        {
            _scratch.ResetWrittenCount();
            obj.WriteTo(_scratch);
            ObjectBytes.WritePartial(writer, _scratch.WrittenSpan, _format.MetaVersion);
        }
        else
        {
            obj.WriteTo(writer);
        }
    }

    private void WriteBookmark(IBufferWriter<byte> writer, long revision, bool initialEventsEnd)
    {
        if (_table is not null)
        {
            _table.WriteHeader(writer, revision, "", null, columns: !_columnsSent);
            _columnsSent = true;
            TableBody.WriteTrailer(writer);
            return;
        }

        writer.Write(_bookmarkHead);
        writer.Write("\"metadata\":{\"resourceVersion\":\""u8);
        var digits = writer.GetSpan(20);
        Utf8Formatter.TryFormat(revision, digits, out var length);
        writer.Advance(length);
        writer.Write(initialEventsEnd
            ? "\",\"creationTimestamp\":null,\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}}}"u8
            : "\",\"creationTimestamp\":null}}"u8);
    }

    private byte[] BookmarkHead()
    {
        var (kind, apiVersion) = _format.Representation == Representation.Metadata
            ? ("PartialObjectMetadata", $"meta.k8s.io/{_format.MetaVersion}")
            : (_definition.Kind.Kind, _definition.Kind.ApiVersion);
        var head = new ArrayBufferWriter<byte>(96);
        using (var json = new Utf8JsonWriter(head, JsonText.Compact))
        {
            json.WriteStartObject();
            json.WriteString("kind"u8, kind);
            json.WriteString("apiVersion"u8, apiVersion);
        }

        head.Write(","u8);
        return head.WrittenSpan.ToArray();
    }
}
