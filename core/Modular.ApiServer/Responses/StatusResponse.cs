using System.Buffers;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Modular.ApiServer;

/// <summary>Answers with a v1 Status.</summary>
internal static class StatusResponse
{
    /// <summary>Answers with a failure.</summary>
    public static Task WriteAsync(HttpContext context, ApiStatus status)
    {
        var response = context.Response;
        response.StatusCode = status.Code;
        if (status.RetryAfterSeconds > 0)
        {
            response.Headers.RetryAfter = status.RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        }

        return WriteBodyAsync(context, status.ToJson());
    }

    /// <summary>Answers that a request without an object to show was carried out.</summary>
    public static Task WriteSuccessAsync(HttpContext context, int code)
    {
        context.Response.StatusCode = code;
        return WriteBodyAsync(context, Success(code));
    }

    /// <summary>Answers that an object is gone.</summary>
    public static Task WriteDeletedAsync(HttpContext context, GroupVersionResource resource, ObjectMeta metadata)
    {
        var details = new JsonObject { ["name"] = metadata.Name };
        if (resource.Group.Length > 0)
        {
            details["group"] = resource.Group;
        }

        details["kind"] = resource.Resource;
        details["uid"] = metadata.Uid;
        var status = Success(0);
        status["details"] = details;
        return WriteBodyAsync(context, status);
    }

    private static JsonObject Success(int code)
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Success",
        };
        if (code > 0)
        {
            status["code"] = code;
        }

        return status;
    }

    private static Task WriteBodyAsync(HttpContext context, JsonObject status)
    {
        var bytes = ObjectEncoding.EncodeValue(status);
        context.Response.ContentType = MediaType.Json;
        // Who is told that no form suits has asked for protobuf of what has none, and gets what everybody reads.
        if (context.Response.StatusCode != StatusCodes.Status406NotAcceptable && AcceptHeader.PrefersProtobuf(context.Request.Headers.Accept.ToString()))
        {
            bytes = ToProtobuf(bytes);
            context.Response.ContentType = ProtobufFormat.MediaType;
        }

        context.Response.ContentLength = bytes.Length;
        return context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }

    private static byte[] ToProtobuf(byte[] status)
    {
        using var encoder = new ProtobufEncoder();
        var enveloped = new ArrayBufferWriter<byte>(256);
        ProtobufEnvelope.Write(enveloped, "v1", "Status", encoder.Encode(status, MetaMessages.Status));
        return enveloped.WrittenSpan.ToArray();
    }
}
