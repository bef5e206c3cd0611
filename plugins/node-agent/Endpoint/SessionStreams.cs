using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Modular.Abstractions;

namespace Modular.Plugins.NodeAgent.Endpoint;

/// <summary>Carries a session's streams over the channels of a WebSocket.</summary>
internal sealed class SessionStreams(ChannelSocket socket, CancellationToken aborted)
{
    private const int ChunkSize = 32 * 1024;

    /// <summary>Runs until the session has ended or the client has gone.</summary>
    /// <param name="session">The session.</param>
    /// <param name="tellsExitCode">Whether the client hears how it ended, or only that it did.</param>
    public async Task RunAsync(IContainerSession session, bool tellsExitCode)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        var receiving = ReceiveAsync(session, gone.Token);
        var output = CopyAsync(session.Output, ChannelProtocol.Output, gone.Token);
        var error = session.Error is { } reader ? CopyAsync(reader, ChannelProtocol.Error, gone.Token) : Task.CompletedTask;
        var ending = Task.WhenAll(output, error, session.Completion);
        if (await Task.WhenAny(ending, receiving).ConfigureAwait(false) == receiving && !ending.IsCompleted)
        {
            // The client closed: there is nobody left to go on for.
            await gone.CancelAsync().ConfigureAwait(false);
            await ending.WaitAsync(TimeSpan.Zero, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        try
        {
            await ending.ConfigureAwait(false);
            await SendStatusAsync(ExitStatus(tellsExitCode ? await session.Completion.ConfigureAwait(false) : 0)).ConfigureAwait(false);
        }
        catch (RuntimeException exception)
        {
            await SendStatusAsync(Failure(exception.Message)).ConfigureAwait(false);
        }

        await socket.CloseAsync(receiving, aborted).ConfigureAwait(false);
        await gone.CancelAsync().ConfigureAwait(false);
    }

    /// <summary>Says why there is no session.</summary>
    public async Task FailAsync(string message)
    {
        await SendStatusAsync(Failure(message)).ConfigureAwait(false);
        await socket.CloseAsync(Task.CompletedTask, aborted).ConfigureAwait(false);
    }

    private static JsonObject ExitStatus(int code)
    {
        var status = new JsonObject { ["metadata"] = new JsonObject(), ["status"] = "Success" };
        if (code != 0)
        {
            status["status"] = "Failure";
            status["message"] = $"command terminated with non-zero exit code: exit status {code}";
            status["reason"] = "NonZeroExitCode";
            status["details"] = new JsonObject
            {
                ["causes"] = new JsonArray(new JsonObject { ["reason"] = "ExitCode", ["message"] = $"{code}" }),
            };
        }

        return status;
    }

    private static JsonObject Failure(string message) => new()
    {
        ["metadata"] = new JsonObject(),
        ["status"] = "Failure",
        ["message"] = message,
        ["reason"] = "InternalError",
        ["code"] = 500,
    };

    private async Task SendStatusAsync(JsonObject status)
    {
        if (socket.Protocol.HasStatusObject)
        {
            await socket.SendAsync(ChannelProtocol.Status, Encoding.UTF8.GetBytes(status.ToJsonString()), aborted).ConfigureAwait(false);
        }
        else if (status["message"] is { } message)
        {
            await socket.SendAsync(ChannelProtocol.Status, Encoding.UTF8.GetBytes(message.GetValue<string>()), aborted).ConfigureAwait(false);
        }
    }

    private async Task CopyAsync(PipeReader reader, byte channel, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            var buffer = read.Buffer;
            while (buffer.Length > 0)
            {
                var chunk = buffer.Slice(0, Math.Min(buffer.Length, ChunkSize));
                await socket.SendAsync(channel, chunk.ToArray(), cancellationToken).ConfigureAwait(false);
                buffer = buffer.Slice(chunk.Length);
            }

            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    private async Task ReceiveAsync(IContainerSession session, CancellationToken cancellationToken)
    {
        try
        {
            while (await socket.ReceiveAsync(cancellationToken).ConfigureAwait(false) is { } piece)
            {
                await HandleAsync(session, piece, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The session has ended.
        }
    }

    private async ValueTask HandleAsync(IContainerSession session, ChannelPiece piece, CancellationToken cancellationToken)
    {
        var data = piece.Data;
        switch (piece.Channel)
        {
            case ChannelProtocol.Input when session.Input is { } input && data.Length > 0:
                await input.WriteAsync(data, cancellationToken).ConfigureAwait(false);
                break;
            case ChannelProtocol.Resize:
                await ResizeAsync(session, data, cancellationToken).ConfigureAwait(false);
                break;
            case ChannelProtocol.Close when socket.Protocol.HasCloseSignal && data.Length > 0 && data.Span[0] == ChannelProtocol.Input && session.Input is { } ended:
                await ended.CompleteAsync().ConfigureAwait(false);
                break;
            default:
                break;
        }
    }

    private static async ValueTask ResizeAsync(IContainerSession session, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        TerminalSize? size;
        try
        {
            size = JsonSerializer.Deserialize(data.Span, TerminalSizeJson.Default.TerminalSize);
        }
        catch (JsonException)
        {
            return;
        }

        if (size is { Width: > 0, Height: > 0 })
        {
            await session.ResizeAsync(size.Width, size.Height, cancellationToken).ConfigureAwait(false);
        }
    }
}
