using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace Modular.ApiServer;

/// <summary>A watch as the body of an answer, one event behind the other.</summary>
internal sealed class WatchStream : IWatchSink
{
    // How much of a batch may wait unsent: a reader that is slow shall not fill the memory.
    private const int ChunkBytes = 64 * 1024;

    private readonly PipeWriter _body;

    private WatchStream(PipeWriter body) => _body = body;

    /// <inheritdoc />
    public IBufferWriter<byte> Writer => _body;

    /// <summary>Begins the answer: the client knows that it watches before anything happens.</summary>
    public static async Task<WatchStream> StartAsync(HttpContext context)
    {
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await context.Response.StartAsync(context.RequestAborted).ConfigureAwait(false);
        var body = context.Response.BodyWriter;
        await body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
        return new WatchStream(body);
    }

    /// <inheritdoc />
    public async ValueTask<bool> SendAsync(bool isLast, CancellationToken cancellationToken) =>
        (!isLast && _body.UnflushedBytes <= ChunkBytes) || !(await _body.FlushAsync(cancellationToken).ConfigureAwait(false)).IsCompleted;
}
