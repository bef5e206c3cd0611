using Grpc.Core;
using Modular.Abstractions.Http;
using Modular.PluginProcess.Child;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>Says which paths this process's plugin serves; the requests come as HTTP.</summary>
internal sealed class HttpEndpointsService(IContractSource contracts) : Protocol.HttpEndpoints.HttpEndpointsBase
{
    public override Task<Protocol.PrefixesReply> GetPrefixes(Protocol.PrefixesRequest request, ServerCallContext context)
    {
        var reply = new Protocol.PrefixesReply();
        reply.Prefixes.AddRange(contracts.Get<IHttpEndpoints>().Prefixes);
        return Task.FromResult(reply);
    }
}
