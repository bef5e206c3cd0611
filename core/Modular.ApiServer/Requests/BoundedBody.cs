using System.Buffers;
using Microsoft.AspNetCore.Http.Features;

namespace Modular.ApiServer;

/// <summary>
/// Reads a body up to the server's limit. Many clients look for no answer before they have sent everything, and find the connection broken if nobody reads
/// on: what is beyond the limit is read and dropped, so that they learn why.
/// </summary>
internal static class BoundedBody
{
    // Whoever sends more than this in vain finds the connection closed.
    private const long MostDropped = 64 * 1024 * 1024;

    /// <summary>The bytes, of which the caller tells the request's reader when it is done.</summary>
    /// <exception cref="ApiException">RequestEntityTooLarge.</exception>
    public static async ValueTask<ReadOnlySequence<byte>> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var limit = TakeLimit(request.HttpContext);
        if (request.ContentLength > limit && (request.ContentLength > limit + MostDropped || request.Headers.Expect.Count > 0))
        {
            throw TooLarge(limit);
        }

        var reader = request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (read.Buffer.Length > limit)
            {
                reader.AdvanceTo(read.Buffer.End);
                await DropAsync(request, read.IsCompleted, cancellationToken).ConfigureAwait(false);
                throw TooLarge(limit);
            }

            if (read.IsCompleted)
            {
                return read.Buffer;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    // The server itself would break off at the limit.
    private static long TakeLimit(HttpContext context)
    {
        var feature = context.Features.Get<IHttpMaxRequestBodySizeFeature>();
        var limit = feature?.MaxRequestBodySize ?? long.MaxValue - MostDropped;
        if (feature is { IsReadOnly: false })
        {
            feature.MaxRequestBodySize = null;
        }

        return limit;
    }

    private static async ValueTask DropAsync(HttpRequest request, bool isAll, CancellationToken cancellationToken)
    {
        var reader = request.BodyReader;
        for (var dropped = 0L; !isAll && dropped < MostDropped;)
        {
            var read = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            dropped += read.Buffer.Length;
            isAll = read.IsCompleted;
            reader.AdvanceTo(read.Buffer.End);
        }
    }

    private static ApiException TooLarge(long limit) => new(StatusReason.RequestEntityTooLarge, $"Request entity too large: limit is {limit}");
}
