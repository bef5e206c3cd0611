namespace Modular.ApiServer;

/// <summary>Sends a watch to a client, as a stream or over a WebSocket, until its time is over, the client leaves, or the server stops.</summary>
internal sealed class WatchResponse(TimeProvider time, TimeSpan shortest, CancellationToken stopping)
{
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
        using var timeout = new CancellationTokenSource(Duration(parameters.TimeoutSeconds), time);
        if (context.WebSockets.IsWebSocketRequest)
        {
            await using var frames = await WatchFrames.AcceptAsync(context, format.Protobuf).ConfigureAwait(false);
            await SendAsync(frames, events, session, timeout.Token, frames.Gone).ConfigureAwait(false);
            return;
        }

        context.Response.ContentType = format.Protobuf ? ProtobufFormat.WatchMediaType : MediaType.Json;
        var stream = await WatchStream.StartAsync(context).ConfigureAwait(false);
        await SendAsync(stream, events, session, timeout.Token, context.RequestAborted).ConfigureAwait(false);
    }

    private async Task SendAsync(IWatchSink sink, IWatchEventWriter events, IWatchSession session, CancellationToken timeout, CancellationToken gone)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(gone, timeout, stopping);
        var pace = new WatchPace(time);
        try
        {
            await foreach (var batch in session.ReadAsync(end.Token).ConfigureAwait(false))
            {
                await events.PrepareAsync(batch, end.Token).ConfigureAwait(false);
                for (var i = 0; i < batch.Count; i++)
                {
                    events.Write(sink.Writer, batch[i]);
                    if (!await sink.SendAsync(isLast: i == batch.Count - 1, end.Token).ConfigureAwait(false))
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
            events.WriteError(sink.Writer, e.Status);
            await sink.SendAsync(isLast: true, gone).ConfigureAwait(false);
        }
    }

    // Watches of many clients that began together shall not all come back together.
    private TimeSpan Duration(int seconds) =>
        seconds > 0 ? TimeSpan.FromSeconds(Math.Min(seconds, 7 * 86400)) : shortest * (1 + Random.Shared.NextDouble());
}
