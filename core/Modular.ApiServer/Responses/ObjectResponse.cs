using System.Buffers;

namespace Modular.ApiServer;

/// <summary>Answers with one object, in the form the client asked for.</summary>
internal sealed class ObjectResponse(TimeProvider time)
{
    /// <summary>Writes the object; the status code is already set.</summary>
    /// <param name="context">The request.</param>
    /// <param name="definition">What it is about.</param>
    /// <param name="schema">The object's own, which may be a subresource's; null if it has none.</param>
    /// <param name="obj">The object.</param>
    /// <param name="format">The form agreed on.</param>
    /// <param name="includeObject">For a table: what its row carries.</param>
    public async Task WriteAsync(
        HttpContext context, ResourceDefinition definition, Schema? schema, ApiObject obj, ResponseFormat format, string includeObject)
    {
        var response = context.Response;
        response.ContentType = format.ContentType;
        if (format is { IsPlainJson: true, Representation: Representation.Whole })
        {
            // Whoever completes the response flushes it: nothing to wait for.
            var writer = response.BodyWriter;
            obj.WriteTo(writer);
            return;
        }

        if (format.Protobuf)
        {
            var view = ProtobufView.Of(obj.Kind, schema!, format);
            using var encoder = new ProtobufEncoder();
            ProtobufEnvelope.Write(response.BodyWriter, view.ApiVersion, view.Kind, encoder.Encode(obj, view.Schema));
            return;
        }

        var json = new ArrayBufferWriter<byte>(obj.Body.Length + 256);
        switch (format.Representation)
        {
            case Representation.Table:
                var table = new TableBody(definition, format.MetaVersion, TableBody.ParseRowObject(includeObject), time);
                await table.RenderAsync(definition, [obj], context.RequestAborted).ConfigureAwait(false);
                table.WriteHeader(json, obj.Revision, "", null, columns: true);
                table.WriteRow(json, obj, 0);
                TableBody.WriteTrailer(json);
                break;
            case Representation.Metadata:
                ObjectBytes.WritePartial(json, obj.ToJson(), format.MetaVersion);
                break;
            default:
                obj.WriteTo(json);
                break;
        }

        TextForm.Write(json.WrittenMemory, format, response.BodyWriter);
    }
}
