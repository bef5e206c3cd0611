using Microsoft.AspNetCore.Http.Features;

namespace Modular.ApiServer;

/// <summary>Streams a watch to a client until its time is over, the client leaves, or the server stops.</summary>
internal sealed class WatchResponse(TimeProvider time, TimeSpan shortest, CancellationToken stopping)
{
    // How much of a batch may wait unsent: a reader that is slow shall not fill the memory.
    private const int ChunkBytes = 64 * 1024;

    // What comes meanwhile in a busy watch is sent together, for most of an event's cost is its way through TLS and socket.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Sends the events of a session.</summary>
    /// <param name="context">The client.</param>
    /// <param name="definition">What is watched, as its kind is now.</param>
    /// <param name="session">The running watch; the caller disposes it.</param>
    /// <param name="format">The form of the objects.</param>
    /// <param name="parameters">The request's parameters.</param>
    public async Task WriteAsync(
        HttpContext context, Func<ResourceDefinition> definition, IWatchSession session, ResponseFormat format, RequestParameters parameters)
    {
        var rowObject = TableBody.ParseRowObject(parameters.IncludeObject);
        using IWatchEventWriter events = format.Protobuf
            ? new ProtobufWatchEventBody(definition, format)
            : new WatchEventBody(definition, format, rowObject, time);
        var response = context.Response;
        response.ContentType = format.Protobuf ? ProtobufFormat.WatchMediaType : MediaType.Json;
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await response.StartAsync(context.RequestAborted).ConfigureAwait(false);
        var writer = response.BodyWriter;
        await writer.FlushAsync(context.RequestAborted).ConfigureAwait(false);

        using var timeout = new CancellationTokenSource(Duration(parameters.TimeoutSeconds), time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, timeout.Token, stopping);
        var pace = new WatchPace(time);
        try
        {
            await foreach (var batch in session.ReadAsync(end.Token).ConfigureAwait(false))
            {
                await events.PrepareAsync(batch, end.Token).ConfigureAwait(false);
                for (var i = 0; i < batch.Count; i++)
                {
                    events.Write(writer, batch[i]);
                    var isFlush = i == batch.Count - 1 || writer.UnflushedBytes > ChunkBytes;
                    if (isFlush && (await writer.FlushAsync(end.Token).ConfigureAwait(false)).IsCompleted)
                    {
                        return;
                    }
                }

                if (pace.Sent(batch.Count))
                {
                    await Task.Delay(Pause, end.Token).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The end of the stream says all there is to say.
        }
        catch (ApiException e)
        {
            events.WriteError(writer, e.Status);
        }
    }

    // Watches of many clients that began together shall not all come back together.
    private TimeSpan Duration(int seconds) =>
        seconds > 0 ? TimeSpan.FromSeconds(Math.Min(seconds, 7 * 86400)) : shortest * (1 + Random.Shared.NextDouble());
}
