using Grpc.Core;
using Modular.Abstractions;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>Answers for the pod network that is provided.</summary>
internal sealed class PodNetworkService(IContractSource contracts) : Protocol.PodNetwork.PodNetworkBase
{
    public override async Task<Protocol.NetworkInfoReply> GetInfo(Protocol.NetworkInfoRequest request, ServerCallContext context)
    {
        try
        {
            return new() { Info = NetworkMessages.ToMessage(await Network.GetInfoAsync(context.CancellationToken)) };
        }
        catch (PodNetworkException refusal)
        {
            return new() { Refusal = NetworkMessages.ToMessage(refusal) };
        }
    }

    public override async Task<Protocol.AttachReply> EnsureAttached(Protocol.PodAttachmentSpec request, ServerCallContext context)
    {
        try
        {
            return new() { Attachment = NetworkMessages.ToMessage(await Network.EnsureAttachedAsync(NetworkMessages.FromMessage(request), context.CancellationToken)) };
        }
        catch (PodNetworkException refusal)
        {
            return new() { Refusal = NetworkMessages.ToMessage(refusal) };
        }
    }

    public override async Task<Protocol.DetachReply> Detach(Protocol.DetachRequest request, ServerCallContext context)
    {
        try
        {
            await Network.DetachAsync(request.SandboxId, context.CancellationToken);
            return new();
        }
        catch (PodNetworkException refusal)
        {
            return new() { Refusal = NetworkMessages.ToMessage(refusal) };
        }
    }

    public override async Task<Protocol.ListAttachmentsReply> List(Protocol.ListAttachmentsRequest request, ServerCallContext context)
    {
        try
        {
            var reply = new Protocol.ListAttachmentsReply();
            reply.Attachments.AddRange((await Network.ListAsync(context.CancellationToken)).Select(NetworkMessages.ToMessage));
            return reply;
        }
        catch (PodNetworkException refusal)
        {
            return new() { Refusal = NetworkMessages.ToMessage(refusal) };
        }
    }

    private IPodNetwork Network => contracts.Get<IPodNetwork>();
}
