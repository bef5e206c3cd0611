using Modular.Abstractions;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>A pod network in another process.</summary>
internal sealed class RemotePodNetwork(RemotePlugin plugin) : IPodNetwork
{
    private readonly Protocol.PodNetwork.PodNetworkClient _client = new(plugin.Channel);

    public async ValueTask<PodNetworkInfo> GetInfoAsync(CancellationToken cancellationToken)
    {
        var reply = await plugin.CallAsync(_client.GetInfoAsync, new Protocol.NetworkInfoRequest(), cancellationToken).ConfigureAwait(false);
        NetworkMessages.ThrowIf(reply.Refusal);
        return NetworkMessages.FromMessage(reply.Info ?? throw plugin.Wrong("says nothing of its network"));
    }

    public async ValueTask<PodAttachment> EnsureAttachedAsync(PodAttachmentSpec spec, CancellationToken cancellationToken)
    {
        var reply = await plugin.CallAsync(_client.EnsureAttachedAsync, NetworkMessages.ToMessage(spec), cancellationToken).ConfigureAwait(false);
        NetworkMessages.ThrowIf(reply.Refusal);
        return NetworkMessages.FromMessage(reply.Attachment ?? throw plugin.Wrong("says nothing of an attachment"));
    }

    public async ValueTask DetachAsync(string sandboxId, CancellationToken cancellationToken)
    {
        var reply = await plugin.CallAsync(_client.DetachAsync, new Protocol.DetachRequest { SandboxId = sandboxId }, cancellationToken).ConfigureAwait(false);
        NetworkMessages.ThrowIf(reply.Refusal);
    }

    public async ValueTask<IReadOnlyList<PodAttachment>> ListAsync(CancellationToken cancellationToken)
    {
        var reply = await plugin.CallAsync(_client.ListAsync, new Protocol.ListAttachmentsRequest(), cancellationToken).ConfigureAwait(false);
        NetworkMessages.ThrowIf(reply.Refusal);
        return [.. reply.Attachments.Select(NetworkMessages.FromMessage)];
    }
}
