using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Net;
using System.Text.Json;

namespace Modular.ApiServer;

/// <summary>Answers with a list: a header, the objects' own bytes, a trailer, sent in chunks while they are written.</summary>
internal sealed class ListResponse(TimeProvider time)
{
    private const int ChunkBytes = 64 * 1024;
    // As many rows as are rendered at a time: one question for most lists, and bounded memory for the others.
    private const int RowsAtATime = 500;
    private const long CompressAbove = 128 * 1024;

    /// <summary>Writes the page.</summary>
    public async Task WriteAsync(HttpContext context, ResourceDefinition definition, ListResult list, ResponseFormat format, string includeObject)
    {
        var rowObject = TableBody.ParseRowObject(includeObject);
        var response = context.Response;
        response.ContentType = format.ContentType;
        if (!format.IsPlainJson && !format.Protobuf)
        {
            var json = new ArrayBufferWriter<byte>(ChunkBytes);
            await WriteJsonAsync(json, null, definition, list, format, rowObject, context.RequestAborted).ConfigureAwait(false);
            TextForm.Write(json.WrittenMemory, format, response.BodyWriter);
            return;
        }

        if (!ShouldCompress(context, list))
        {
            await WriteAsync(response.BodyWriter, definition, list, format, rowObject, context.RequestAborted).ConfigureAwait(false);
            return;
        }

        response.Headers.ContentEncoding = "gzip";
        response.Headers.Vary = "Accept-Encoding";
        await using var gzip = new GZipStream(response.Body, CompressionLevel.Fastest, leaveOpen: true);
        var compressed = PipeWriter.Create(gzip, new StreamPipeWriterOptions(leaveOpen: true));
        await WriteAsync(compressed, definition, list, format, rowObject, context.RequestAborted).ConfigureAwait(false);
        await compressed.CompleteAsync().ConfigureAwait(false);
    }

    private async ValueTask WriteAsync(
        PipeWriter writer, ResourceDefinition definition, ListResult list, ResponseFormat format, RowObject rowObject, CancellationToken cancellationToken)
    {
        if (!format.Protobuf)
        {
            await WriteJsonAsync(writer, writer, definition, list, format, rowObject, cancellationToken).ConfigureAwait(false);
            return;
        }

        var view = ProtobufView.Of(definition.Kind, definition.Schema, format);
        using var protobuf = new ProtobufList(
            view.ApiVersion, view.Kind + "List", view.Schema, list.Revision, list.Continue, list.RemainingItemCount);
        for (var i = 0; i < list.Items.Count; i++)
        {
            protobuf.Measure(list.Items[i]);
        }

        protobuf.WriteHead(writer);
        for (var i = protobuf.Kept; i < list.Items.Count; i++)
        {
            protobuf.WriteItem(writer, list.Items[i]);
            if (writer.UnflushedBytes > ChunkBytes && (await writer.FlushAsync(cancellationToken).ConfigureAwait(false)).IsCompleted)
            {
                return;
            }
        }

        ProtobufList.WriteTail(writer);
        await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    // On the same machine the compression would cost more than the bytes.
    private static bool ShouldCompress(HttpContext context, ListResult list)
    {
        if (context.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote))
        {
            return false;
        }

        long bytes = 0;
        foreach (var item in list.Items)
        {
            bytes += item.Body.Length;
        }

        return bytes > CompressAbove && context.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase);
    }

    private async ValueTask WriteJsonAsync(
        IBufferWriter<byte> writer, PipeWriter? pipe, ResourceDefinition definition, ListResult list, ResponseFormat format,
        RowObject rowObject, CancellationToken cancellationToken)
    {
        var table = format.Representation == Representation.Table ? new TableBody(definition, format.MetaVersion, rowObject, time) : null;
        var scratch = format.Representation == Representation.Metadata ? new ArrayBufferWriter<byte>(4096) : null;
        if (table is not null)
        {
            table.WriteHeader(writer, list.Revision, list.Continue, list.RemainingItemCount, columns: true);
        }
        else
        {
            WriteHeader(writer, definition, list, scratch is null ? "" : format.MetaVersion);
        }

        var items = list.Items;
        var page = new List<ApiObject>(table is null ? 0 : Math.Min(items.Count, RowsAtATime));
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
            {
                writer.Write(","u8);
            }

            if (table is not null && i % RowsAtATime == 0)
            {
                page.Clear();
                for (var next = i; next < items.Count && page.Count < RowsAtATime; next++)
                {
                    page.Add(items[next]);
                }

                await table.RenderAsync(definition, page, cancellationToken).ConfigureAwait(false);
            }

            if (table is not null)
            {
                table.WriteRow(writer, items[i], i % RowsAtATime);
            }
            else
            {
                WriteItem(writer, items[i], scratch, format.MetaVersion);
            }

            if (pipe is { UnflushedBytes: > ChunkBytes })
            {
                var flushed = await pipe.FlushAsync(cancellationToken).ConfigureAwait(false);
                if (flushed.IsCompleted)
                {
                    return;
                }
            }
        }

        writer.Write("]}\n"u8);
        if (pipe is not null)
        {
            await pipe.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static void WriteItem(IBufferWriter<byte> writer, ApiObject item, ArrayBufferWriter<byte>? scratch, string metaVersion)
    {
        if (scratch is not null)
        {
            scratch.ResetWrittenCount();
            item.WriteTo(scratch);
            ObjectBytes.WritePartial(writer, scratch.WrittenSpan, metaVersion);
        }
        else
        {
            item.WriteTo(writer);
        }
    }

    private static void WriteHeader(IBufferWriter<byte> writer, ResourceDefinition definition, ListResult list, string metaVersion)
    {
        using (var json = new Utf8JsonWriter(writer, JsonText.Compact))
        {
            json.WriteStartObject();
            if (metaVersion.Length > 0)
            {
                json.WriteString("kind"u8, "PartialObjectMetadataList"u8);
                json.WriteString("apiVersion"u8, $"meta.k8s.io/{metaVersion}");
            }
            else
            {
                json.WriteString("kind"u8, definition.ListKind);
                json.WriteString("apiVersion"u8, definition.Kind.ApiVersion);
            }

            ListMetadata.Write(json, list.Revision, list.Continue, list.RemainingItemCount);
        }

        writer.Write(",\"items\":["u8);
    }
}
