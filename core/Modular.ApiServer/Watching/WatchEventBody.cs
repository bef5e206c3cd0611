using System.Buffers;

namespace Modular.ApiServer;

/// <summary>Writes watch events, one JSON object a line, in the form the client asked for. Belongs to one watch.</summary>
internal sealed class WatchEventBody : IWatchEventWriter
{
    private readonly ResponseFormat _format;
    private readonly TableBody? _table;
    private readonly ArrayBufferWriter<byte>? _scratch;
    private readonly Func<ResourceDefinition> _definition;
    private readonly List<ApiObject> _rows = [];
    private bool _columnsSent;
    private int _rowsWritten;

    /// <param name="definition">The kind as it is now; it may be exchanged while the watch goes on.</param>
    /// <param name="format">The form of the objects.</param>
    /// <param name="rowObject">What rows carry of their objects.</param>
    /// <param name="time">The clock.</param>
    public WatchEventBody(Func<ResourceDefinition> definition, ResponseFormat format, RowObject rowObject, TimeProvider time)
    {
        _definition = definition;
        _format = format;
        _table = format.Representation == Representation.Table ? new TableBody(definition(), format.MetaVersion, rowObject, time) : null;
        _scratch = format.Representation == Representation.Metadata ? new ArrayBufferWriter<byte>(4096) : null;
    }

    /// <inheritdoc />
    public ValueTask PrepareAsync(IReadOnlyList<WatchEvent> events, CancellationToken cancellationToken)
    {
        if (_table is null)
        {
            return ValueTask.CompletedTask;
        }

        _rowsWritten = 0;
        _rows.Clear();
        foreach (var watchEvent in events)
        {
            if (watchEvent.Type != WatchEventType.Bookmark)
            {
                _rows.Add(watchEvent.Object);
            }
        }

        return _table.RenderAsync(_definition(), _rows, cancellationToken);
    }

    /// <inheritdoc />
    public void Write(IBufferWriter<byte> writer, WatchEvent watchEvent)
    {
        writer.Write(watchEvent.Type switch
        {
            WatchEventType.Added => "{\"type\":\"ADDED\",\"object\":"u8,
            WatchEventType.Modified => "{\"type\":\"MODIFIED\",\"object\":"u8,
            WatchEventType.Deleted => "{\"type\":\"DELETED\",\"object\":"u8,
            _ => "{\"type\":\"BOOKMARK\",\"object\":"u8,
        });
        WriteObject(writer, watchEvent.Object, row: watchEvent.Type != WatchEventType.Bookmark);
        writer.Write("}\n"u8);
    }

    /// <inheritdoc />
    public void WriteError(IBufferWriter<byte> writer, ApiStatus status)
    {
        writer.Write("{\"type\":\"ERROR\",\"object\":"u8);
        writer.Write(ObjectEncoding.EncodeValue(status.ToJson()));
        writer.Write("}\n"u8);
    }

    /// <inheritdoc />
    public void Dispose()
    {
    }

    private void WriteObject(IBufferWriter<byte> writer, ApiObject obj, bool row)
    {
        if (_table is not null)
        {
            _table.WriteHeader(writer, obj.Revision, "", null, columns: !_columnsSent);
            _columnsSent = true;
            if (row)
            {
                _table.WriteRow(writer, obj, _rowsWritten++);
            }

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
}
