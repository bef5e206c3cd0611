using System.Buffers;
using System.IO.Pipelines;
using Google.Protobuf;
using Grpc.Core;
using Modular.Abstractions;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>Carries the streams of a session between it and a call. It takes no further from either side than the other has taken.</summary>
internal sealed class ExecRelay(IContainerSession session, IAsyncStreamReader<Protocol.ExecInput> inputs, IServerStreamWriter<Protocol.ExecOutput> outputs) : IDisposable
{
    private const int LongestChunk = 64 * 1024;

    private readonly SemaphoreSlim _sending = new(1, 1);

    /// <summary>Runs until the session has ended.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        await outputs.WriteAsync(new() { Started = new() }, stop);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var receiving = ReceiveAsync(over.Token);
        try
        {
            await Task.WhenAll(
                SendAsync(session.Output, data => new() { Stdout = data }, stop),
                session.Error is { } error ? SendAsync(error, data => new() { Stderr = data }, stop) : Task.CompletedTask);
            var code = await session.Completion.WaitAsync(stop);
            await outputs.WriteAsync(new() { Exited = new() { Code = code } }, stop);
        }
        finally
        {
            await over.CancelAsync();
            await receiving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose() => _sending.Dispose();

    private async Task SendAsync(PipeReader reader, Func<ByteString, Protocol.ExecOutput> message, CancellationToken stop)
    {
        ReadResult read;
        do
        {
            read = await reader.ReadAsync(stop);
            for (var rest = read.Buffer; rest.Length > 0; rest = rest.Slice(Math.Min(rest.Length, LongestChunk)))
            {
                var chunk = message(ByteString.CopyFrom(rest.Slice(0, Math.Min(rest.Length, LongestChunk)).ToArray()));
                await _sending.WaitAsync(stop);
                try
                {
                    await outputs.WriteAsync(chunk, stop);
                }
                finally
                {
                    _sending.Release();
                }
            }

            reader.AdvanceTo(read.Buffer.End);
        }
        while (!read.IsCompleted);
    }

    private async Task ReceiveAsync(CancellationToken over)
    {
        while (await inputs.MoveNext(over))
        {
            var input = inputs.Current;
            switch (input.InputCase)
            {
                case Protocol.ExecInput.InputOneofCase.Stdin when session.Input is { } writer:
                    await writer.WriteAsync(input.Stdin.Memory, over);
                    break;
                case Protocol.ExecInput.InputOneofCase.Resize:
                    await session.ResizeAsync(input.Resize.Columns, input.Resize.Rows, over);
                    break;
                case Protocol.ExecInput.InputOneofCase.EndOfInput:
                    await EndInputAsync();
                    break;
                default:
                    break;
            }
        }

        await EndInputAsync();
    }

    private ValueTask EndInputAsync() => session.Input?.CompleteAsync() ?? ValueTask.CompletedTask;
}
