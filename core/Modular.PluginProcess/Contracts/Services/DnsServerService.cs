using Grpc.Core;
using Modular.Abstractions;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>Answers for the name server that is provided.</summary>
internal sealed class DnsServerService(IContractSource contracts) : Protocol.DnsServer.DnsServerBase
{
    public override async Task<Protocol.ServiceReport> Apply(Protocol.ServiceDelta request, ServerCallContext context) =>
        ServiceMessages.ToMessage(await contracts.Get<IDnsServer>().ApplyAsync(ServiceMessages.FromMessage(request), context.CancellationToken));
}
