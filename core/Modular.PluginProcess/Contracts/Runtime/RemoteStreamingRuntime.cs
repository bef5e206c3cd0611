using Modular.Abstractions;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>A container runtime in another process that also has streams into its containers; each session is one call.</summary>
internal sealed class RemoteStreamingRuntime(RemotePlugin plugin) : RemoteContainerRuntime(plugin), IContainerStreams
{
    private readonly RemotePlugin _plugin = plugin;
    private readonly Protocol.ContainerStreams.ContainerStreamsClient _client = new(plugin.Channel);

    public ValueTask<IContainerSession> ExecAsync(ExecRequest request, CancellationToken cancellationToken) =>
        OpenAsync(new RemoteContainerSession(stop => _client.Exec(cancellationToken: stop), request.Stdin, request.Tty), new() { Start = RuntimeMessages.ToMessage(request) }, cancellationToken);

    public ValueTask<IContainerSession> AttachAsync(AttachRequest request, CancellationToken cancellationToken) =>
        OpenAsync(new RemoteContainerSession(stop => _client.Attach(cancellationToken: stop), request.Stdin, request.Tty), new() { Attach = RuntimeMessages.ToMessage(request) }, cancellationToken);

    private async ValueTask<IContainerSession> OpenAsync(RemoteContainerSession session, Protocol.ExecInput first, CancellationToken cancellationToken)
    {
        try
        {
            await session.OpenAsync(_plugin, first, cancellationToken).ConfigureAwait(false);
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
