using Grpc.Core;
using Modular.Abstractions;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>Runs commands in containers of the runtime that this process's plugin provides.</summary>
internal sealed class ContainerStreamsService(IContractSource contracts) : Protocol.ContainerStreams.ContainerStreamsBase
{
    private IContainerStreams Streams => contracts.Get<IContainerRuntime>() as IContainerStreams
        ?? throw new RpcException(new Status(StatusCode.Unimplemented, "this plugin runs no commands in containers"));

    public override async Task Exec(
        IAsyncStreamReader<Protocol.ExecInput> inputs, IServerStreamWriter<Protocol.ExecOutput> outputs, ServerCallContext context)
    {
        var stop = context.CancellationToken;
        if (!await inputs.MoveNext(stop) || inputs.Current.InputCase != Protocol.ExecInput.InputOneofCase.Start)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, "a command begins with start"));
        }

        try
        {
            await using var session = await Streams.ExecAsync(RuntimeMessages.FromMessage(inputs.Current.Start), stop);
            using var relay = new ExecRelay(session, inputs, outputs);
            await relay.RunAsync(stop);
        }
        catch (RuntimeException refusal)
        {
            await outputs.WriteAsync(new() { Refused = RuntimeMessages.ToMessage(refusal) }, stop);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or OperationCanceledException && stop.IsCancellationRequested)
        {
            // The host ended the command, or is gone.
        }
    }
}
