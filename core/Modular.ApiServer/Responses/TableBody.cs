using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Modular.ApiServer;

/// <summary>Which form of its object a row carries.</summary>
internal enum RowObject
{
    Metadata,
    Whole,
    None,
}

/// <summary>Writes a resource's objects as rows of a meta.k8s.io Table. Belongs to one answer; not thread-safe.</summary>
internal sealed class TableBody(ResourceDefinition definition, string metaVersion, RowObject rowObject, TimeProvider time)
{
    private static readonly ResourceColumn Name = new("Name", "string", "name",
        "Name must be unique within a namespace. It is chosen by the client or made from generateName, and cannot be changed.");

    private static readonly ResourceColumn Age = new("Age", "string", "", "How long ago the server created the object.");

    private readonly ArrayBufferWriter<byte> _json = new(4096);
    private IReadOnlyList<IReadOnlyList<JsonNode?>> _rows = [];
    private DateTimeOffset _now;

    /// <summary>Reads the includeObject parameter.</summary>
    /// <exception cref="ApiException">BadRequest.</exception>
    public static RowObject ParseRowObject(string includeObject) => includeObject switch
    {
        "" or "Metadata" => RowObject.Metadata,
        "Object" => RowObject.Whole,
        "None" => RowObject.None,
        _ => throw new ApiException(StatusReason.BadRequest,
            $"invalid value \"{includeObject}\" for query parameter \"includeObject\": must be Metadata, Object or None"),
    };

    /// <summary>Writes everything before the first row.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="revision">The table's resourceVersion; 0 for none.</param>
    /// <param name="continueToken">Asks for the next page; empty on the last.</param>
    /// <param name="remaining">How many rows follow, where known.</param>
    /// <param name="columns">Whether to describe the columns; later events of a watch need not.</param>
    public void WriteHeader(IBufferWriter<byte> writer, long revision, string continueToken, long? remaining, bool columns)
    {
        using var json = new Utf8JsonWriter(writer, JsonText.Compact);
        json.WriteStartObject();
        json.WriteString("kind"u8, "Table"u8);
        json.WriteString("apiVersion"u8, metaVersion == "v1" ? "meta.k8s.io/v1"u8 : "meta.k8s.io/v1beta1"u8);
        ListMetadata.Write(json, revision, continueToken, remaining);
        json.WriteStartArray("columnDefinitions"u8);
        if (columns)
        {
            WriteColumns(json);
        }

        json.WriteEndArray();
        json.Flush();
        writer.Write(",\"rows\":["u8);
    }

    /// <summary>Has the kind's own cells of the next rows rendered; they are then written in this order.</summary>
    /// <param name="current">The kind as it is now, which may be another than the one whose columns were told.</param>
    /// <param name="objects">The objects of the rows.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask RenderAsync(ResourceDefinition current, IReadOnlyList<ApiObject> objects, CancellationToken cancellationToken)
    {
        var renderer = current.OwnTableLayout == definition.OwnTableLayout && current.Columns.SequenceEqual(definition.Columns) ? current : definition;
        _now = time.GetUtcNow();
        _rows = await renderer.Rules.RenderAsync(renderer, objects, _now, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes one row.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="obj">The object.</param>
    /// <param name="index">Its place among those that were rendered last.</param>
    public void WriteRow(IBufferWriter<byte> writer, ApiObject obj, int index)
    {
        using (var json = new Utf8JsonWriter(writer, JsonText.Compact))
        {
            json.WriteStartObject();
            json.WriteStartArray("cells"u8);
            WriteCells(json, obj, _rows[index]);
            json.WriteEndArray();
        }

        // The brace is closed by hand, behind the object's own bytes.
        WriteRowObject(writer, obj);
        writer.Write("}"u8);
    }

    /// <summary>Writes everything after the last row.</summary>
    public static void WriteTrailer(IBufferWriter<byte> writer) => writer.Write("]}"u8);

    private void WriteColumns(Utf8JsonWriter json)
    {
        if (!definition.OwnTableLayout)
        {
            WriteColumn(json, Name);
        }

        foreach (var column in definition.Columns)
        {
            WriteColumn(json, column);
        }

        if (!definition.OwnTableLayout)
        {
            WriteColumn(json, Age);
        }
    }

    private static void WriteColumn(Utf8JsonWriter json, ResourceColumn column)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, column.Name);
        json.WriteString("type"u8, column.Type);
        json.WriteString("format"u8, column.Format);
        json.WriteString("description"u8, column.Description);
        json.WriteNumber("priority"u8, column.Priority);
        json.WriteEndObject();
    }

    private void WriteCells(Utf8JsonWriter json, ApiObject obj, IReadOnlyList<JsonNode?> own)
    {
        if (!definition.OwnTableLayout)
        {
            json.WriteStringValue(obj.Metadata.Name);
        }

        foreach (var cell in own)
        {
            if (cell is null)
            {
                json.WriteNullValue();
            }
            else
            {
                cell.WriteTo(json);
            }
        }

        if (!definition.OwnTableLayout)
        {
            var created = obj.Metadata.CreationTimestamp;
            json.WriteStringValue(created == default ? "<unknown>" : AgeText.Of(_now - created));
        }
    }

    private void WriteRowObject(IBufferWriter<byte> writer, ApiObject obj)
    {
        _json.ResetWrittenCount();
        if (rowObject != RowObject.None)
        {
            obj.WriteTo(_json);
        }

        switch (rowObject)
        {
            case RowObject.Metadata:
                writer.Write(",\"object\":"u8);
                ObjectBytes.WritePartial(writer, _json.WrittenSpan, metaVersion);
                break;
            case RowObject.Whole:
                writer.Write(",\"object\":"u8);
                writer.Write(_json.WrittenSpan);
                break;
            default:
                writer.Write(",\"object\":null"u8);
                break;
        }
    }
}
