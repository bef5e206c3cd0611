using Grpc.Core;
using Modular.Abstractions;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>Streams into containers of the runtime that this process's plugin provides.</summary>
internal sealed class ContainerStreamsService(IContractSource contracts) : Protocol.ContainerStreams.ContainerStreamsBase
{
    private IContainerStreams Streams => contracts.Get<IContainerRuntime>() as IContainerStreams
        ?? throw new RpcException(new Status(StatusCode.Unimplemented, "this plugin has no streams into containers"));

    public override Task Exec(IAsyncStreamReader<Protocol.ExecInput> inputs, IServerStreamWriter<Protocol.ExecOutput> outputs, ServerCallContext context) => CarryAsync(
        inputs, outputs, Protocol.ExecInput.InputOneofCase.Start, first => Streams.ExecAsync(RuntimeMessages.FromMessage(first.Start), context.CancellationToken), context);

    public override Task Attach(IAsyncStreamReader<Protocol.ExecInput> inputs, IServerStreamWriter<Protocol.ExecOutput> outputs, ServerCallContext context) => CarryAsync(
        inputs, outputs, Protocol.ExecInput.InputOneofCase.Attach, first => Streams.AttachAsync(RuntimeMessages.FromMessage(first.Attach), context.CancellationToken), context);

    private static async Task CarryAsync(
        IAsyncStreamReader<Protocol.ExecInput> inputs,
        IServerStreamWriter<Protocol.ExecOutput> outputs,
        Protocol.ExecInput.InputOneofCase beginning,
        Func<Protocol.ExecInput, ValueTask<IContainerSession>> open,
        ServerCallContext context)
    {
        var stop = context.CancellationToken;
        if (!await inputs.MoveNext(stop) || inputs.Current.InputCase != beginning)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, $"a session begins with {beginning.ToString().ToLowerInvariant()}"));
        }

        try
        {
            await using var session = await open(inputs.Current);
            using var relay = new ExecRelay(session, inputs, outputs);
            await relay.RunAsync(stop);
        }
        catch (RuntimeException refusal)
        {
            await outputs.WriteAsync(new() { Refused = RuntimeMessages.ToMessage(refusal) }, stop);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or OperationCanceledException && stop.IsCancellationRequested)
        {
            // The host ended the session, or is gone.
        }
    }
}
