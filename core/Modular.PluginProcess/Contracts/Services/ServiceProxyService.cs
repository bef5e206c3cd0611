using Grpc.Core;
using Modular.Abstractions;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>Answers for the service proxy that is provided.</summary>
internal sealed class ServiceProxyService(IContractSource contracts) : Protocol.ServiceProxy.ServiceProxyBase
{
    public override async Task<Protocol.ServiceReport> Apply(Protocol.ServiceDelta request, ServerCallContext context) =>
        ServiceMessages.ToMessage(await contracts.Get<IServiceProxy>().ApplyAsync(ServiceMessages.FromMessage(request), context.CancellationToken));

    public override async Task<Protocol.DrainReply> Drain(Protocol.DrainRequest request, ServerCallContext context) =>
        new() { Used = await contracts.Get<IServiceProxy>().DrainAsync(request.Address, context.CancellationToken) };
}
