using System.Text;
using System.Text.Json.Nodes;

namespace Modular.ApiServer;

/// <summary>
/// Answers for <c>/openapi/v2</c>: a valid document that defines nothing. kubectl asks for it only about kinds that v3 does not have, and
/// a kind that is not defined is one it then knows how to report.
/// </summary>
internal static class OpenApiV2
{
    // Clients ask for the type with an @ in it, which their own parsers refuse in an answer.
    private const string Protobuf = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

    public static Task WriteAsync(HttpContext context, ServerVersion version)
    {
        var protobuf = context.Request.Headers.Accept.ToString().Contains("proto-openapi", StringComparison.Ordinal);
        var body = protobuf ? EncodeProtobuf(version) : ObjectEncoding.EncodeValue(ToJson(version));
        context.Response.ContentType = protobuf ? Protobuf : MediaType.Json;
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    private static JsonObject ToJson(ServerVersion version) => new()
    {
        ["swagger"] = "2.0",
        ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = version.GitVersion },
        ["paths"] = new JsonObject(),
        ["definitions"] = new JsonObject(),
    };

    // Document: 1 swagger, 2 info, 8 paths, 9 definitions. Info: 1 title, 2 version. All are length-delimited and short.
    private static byte[] EncodeProtobuf(ServerVersion version) =>
    [
        .. Field(1, "2.0"u8),
        .. Field(2, [.. Field(1, "Kubernetes"u8), .. Field(2, Encoding.UTF8.GetBytes(version.GitVersion))]),
        .. Field(8, []),
        .. Field(9, []),
    ];

    private static byte[] Field(int number, ReadOnlySpan<byte> value) =>
        value.Length < 128
            ? [(byte)((number << 3) | 2), (byte)value.Length, .. value]
            : throw new ArgumentException("a field this long needs a longer length");
}
