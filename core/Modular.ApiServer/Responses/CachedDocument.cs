using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.Net.Http.Headers;

namespace Modular.ApiServer;

/// <summary>
/// A document that many clients ask for, encoded once, with the tag by which they know whether they have it already. A large one is kept compressed, as
/// most clients want it.
/// </summary>
internal sealed class CachedDocument
{
    private const int CompressAbove = 16 * 1024;

    private readonly byte[] _body;
    private readonly bool _isCompressed;
    private readonly string _contentType;

    public CachedDocument(JsonNode document, string contentType)
        : this(ObjectEncoding.EncodeValue(document), contentType)
    {
    }

    public CachedDocument(byte[] body, string contentType)
    {
        _contentType = contentType;
        Hash = Convert.ToHexString(SHA256.HashData(body));
        ETag = $"\"{Hash}\"";
        _isCompressed = body.Length > CompressAbove;
        _body = _isCompressed ? Compress(body) : body;
    }

    /// <summary>A hash of the content.</summary>
    public string Hash { get; }

    private string ETag { get; }

    /// <summary>Sends the document, or 304 if the client has it.</summary>
    public async Task WriteAsync(HttpContext context)
    {
        var response = context.Response;
        response.Headers.ETag = ETag;
        response.Headers.Vary = _isCompressed ? $"{HeaderNames.Accept}, {HeaderNames.AcceptEncoding}" : HeaderNames.Accept;
        response.Headers.CacheControl = "public";
        foreach (var known in context.Request.Headers.IfNoneMatch)
        {
            if (known is not null && (known == "*" || known.Contains(ETag, StringComparison.Ordinal)))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }
        }

        response.ContentType = _contentType;
        if (_isCompressed && !context.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase))
        {
            await using var plain = new GZipStream(new MemoryStream(_body), CompressionMode.Decompress);
            await plain.CopyToAsync(response.Body, context.RequestAborted).ConfigureAwait(false);
            return;
        }

        if (_isCompressed)
        {
            response.Headers.ContentEncoding = "gzip";
        }

        response.ContentLength = _body.Length;
        await response.Body.WriteAsync(_body, context.RequestAborted).ConfigureAwait(false);
    }

    private static byte[] Compress(byte[] body)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
        {
            gzip.Write(body);
        }

        return compressed.ToArray();
    }
}
