using Grpc.Core;
using Modular.Abstractions.Http;
using Modular.PluginProcess.Child;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>Says which node this process's plugin speaks for; the requests come as HTTP.</summary>
internal sealed class NodeEndpointService(IContractSource contracts) : Protocol.NodeEndpoint.NodeEndpointBase
{
    public override Task<Protocol.NodeNameReply> GetNodeName(Protocol.NodeNameRequest request, ServerCallContext context) =>
        Task.FromResult(new Protocol.NodeNameReply { NodeName = contracts.Get<INodeEndpoint>().NodeName });
}
