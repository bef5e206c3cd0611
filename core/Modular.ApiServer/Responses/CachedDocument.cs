using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.Net.Http.Headers;

namespace Modular.ApiServer;

/// <summary>A document that many clients ask for, encoded once, with the tag by which they know whether they have it already.</summary>
internal sealed class CachedDocument
{
    private readonly byte[] _body;
    private readonly string _contentType;

    public CachedDocument(JsonNode document, string contentType)
    {
        _body = ObjectEncoding.EncodeValue(document);
        _contentType = contentType;
        Hash = Convert.ToHexString(SHA256.HashData(_body));
        ETag = $"\"{Hash}\"";
    }

    /// <summary>A hash of the content.</summary>
    public string Hash { get; }

    private string ETag { get; }

    /// <summary>Sends the document, or 304 if the client has it.</summary>
    public Task WriteAsync(HttpContext context)
    {
        var response = context.Response;
        response.Headers.ETag = ETag;
        response.Headers.Vary = HeaderNames.Accept;
        response.Headers.CacheControl = "public";
        foreach (var known in context.Request.Headers.IfNoneMatch)
        {
            if (known is not null && (known == "*" || known.Contains(ETag, StringComparison.Ordinal)))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return Task.CompletedTask;
            }
        }

        response.ContentType = _contentType;
        response.ContentLength = _body.Length;
        return response.Body.WriteAsync(_body, context.RequestAborted).AsTask();
    }
}
