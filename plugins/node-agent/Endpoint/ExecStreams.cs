using System.Buffers;
using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Modular.Abstractions;

namespace Modular.Plugins.NodeAgent.Endpoint;

/// <summary>Carries a command's streams over a WebSocket: each message begins with the number of its channel.</summary>
internal sealed class ExecStreams(WebSocket socket, ExecProtocol protocol, CancellationToken aborted) : IAsyncDisposable
{
    private const int ChunkSize = 32 * 1024;
    private readonly SemaphoreSlim _sending = new(1, 1);

    public ValueTask DisposeAsync()
    {
        _sending.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Runs until the command has ended or the client has gone.</summary>
    public async Task RunAsync(IContainerSession session)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        var receiving = ReceiveAsync(session, gone.Token);
        var output = CopyAsync(session.Output, ExecProtocol.Output, gone.Token);
        var error = session.Error is { } reader ? CopyAsync(reader, ExecProtocol.Error, gone.Token) : Task.CompletedTask;
        var ending = Task.WhenAll(output, error, session.Completion);
        if (await Task.WhenAny(ending, receiving).ConfigureAwait(false) == receiving && !ending.IsCompleted)
        {
            // The client closed: there is nobody left to run the command for.
            await gone.CancelAsync().ConfigureAwait(false);
            await ending.WaitAsync(TimeSpan.Zero, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        try
        {
            await ending.ConfigureAwait(false);
            await SendStatusAsync(ExitStatus(await session.Completion.ConfigureAwait(false))).ConfigureAwait(false);
        }
        catch (RuntimeException exception)
        {
            await SendStatusAsync(Failure(exception.Message)).ConfigureAwait(false);
        }

        await CloseAsync(receiving).ConfigureAwait(false);
        await gone.CancelAsync().ConfigureAwait(false);
    }

    /// <summary>Says why the command could not be run.</summary>
    public async Task FailAsync(string message)
    {
        await SendStatusAsync(Failure(message)).ConfigureAwait(false);
        await CloseAsync(Task.CompletedTask).ConfigureAwait(false);
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
        if (protocol.HasStatusObject)
        {
            await SendAsync(ExecProtocol.Status, Encoding.UTF8.GetBytes(status.ToJsonString()), aborted).ConfigureAwait(false);
        }
        else if (status["message"] is { } message)
        {
            await SendAsync(ExecProtocol.Status, Encoding.UTF8.GetBytes(message.GetValue<string>()), aborted).ConfigureAwait(false);
        }
    }

    private async Task CloseAsync(Task receiving)
    {
        if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", aborted).ConfigureAwait(false);
            await receiving.WaitAsync(TimeSpan.FromSeconds(1), CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
                await SendAsync(channel, chunk.ToArray(), cancellationToken).ConfigureAwait(false);
                buffer = buffer.Slice(chunk.Length);
            }

            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    private async Task SendAsync(byte channel, byte[] data, CancellationToken cancellationToken)
    {
        byte[] message;
        if (protocol.IsBase64)
        {
            message = Encoding.ASCII.GetBytes((char)('0' + channel) + Convert.ToBase64String(data));
        }
        else
        {
            message = new byte[data.Length + 1];
            message[0] = channel;
            data.CopyTo(message, 1);
        }

        await _sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var type = protocol.IsBase64 ? WebSocketMessageType.Text : WebSocketMessageType.Binary;
            await socket.SendAsync(message, type, endOfMessage: true, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task ReceiveAsync(IContainerSession session, CancellationToken cancellationToken)
    {
        var buffer = new byte[ChunkSize];
        var message = new ArrayBufferWriter<byte>();
        try
        {
            while (true)
            {
                var received = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken).ConfigureAwait(false);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }

                message.Write(buffer.AsSpan(0, received.Count));
                if (received.EndOfMessage)
                {
                    await HandleAsync(session, message.WrittenMemory, cancellationToken).ConfigureAwait(false);
                    message.ResetWrittenCount();
                }
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            // The client has gone, or the command has ended.
        }
    }

    private async ValueTask HandleAsync(IContainerSession session, ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        if (message.Length == 0)
        {
            return;
        }

        var channel = protocol.IsBase64 ? (byte)(message.Span[0] - (byte)'0') : message.Span[0];
        var data = protocol.IsBase64 ? Convert.FromBase64String(Encoding.ASCII.GetString(message.Span[1..])) : message[1..];
        switch (channel)
        {
            case ExecProtocol.Input when session.Input is { } input && data.Length > 0:
                await input.WriteAsync(data, cancellationToken).ConfigureAwait(false);
                break;
            case ExecProtocol.Resize:
                await ResizeAsync(session, data, cancellationToken).ConfigureAwait(false);
                break;
            case ExecProtocol.Close when protocol.HasCloseSignal && data.Length > 0 && data.Span[0] == ExecProtocol.Input && session.Input is { } ended:
                await ended.CompleteAsync().ConfigureAwait(false);
                break;
            default:
                break;
        }
    }

    private static async ValueTask ResizeAsync(IContainerSession session, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        JsonNode? size;
        try
        {
            size = JsonNode.Parse(data.Span);
        }
        catch (JsonException)
        {
            return;
        }

        if (size?["Width"]?.GetValue<int>() is > 0 and var columns && size["Height"]?.GetValue<int>() is > 0 and var rows)
        {
            await session.ResizeAsync(columns, rows, cancellationToken).ConfigureAwait(false);
        }
    }
}
