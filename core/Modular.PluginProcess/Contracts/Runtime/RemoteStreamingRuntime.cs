using Modular.Abstractions;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>A container runtime in another process that also runs commands in its containers; each is one call.</summary>
internal sealed class RemoteStreamingRuntime(RemotePlugin plugin) : RemoteContainerRuntime(plugin), IContainerStreams
{
    private readonly RemotePlugin _plugin = plugin;
    private readonly Protocol.ContainerStreams.ContainerStreamsClient _client = new(plugin.Channel);

    public async ValueTask<IContainerSession> ExecAsync(ExecRequest request, CancellationToken cancellationToken)
    {
        var session = new RemoteContainerSession(_client, request);
        try
        {
            await session.OpenAsync(_plugin, cancellationToken).ConfigureAwait(false);
            return session;
        }
        catch (Exception e)
        {
            await session.DisposeAsync().ConfigureAwait(false);
            if (e is PluginProcessException away)
            {
                throw Unavailable(away);
            }

            throw;
        }
    }
}
