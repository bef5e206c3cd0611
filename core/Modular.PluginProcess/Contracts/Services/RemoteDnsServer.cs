using Modular.Abstractions;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>A name server in another process.</summary>
internal sealed class RemoteDnsServer(RemotePlugin plugin) : IDnsServer
{
    private readonly Protocol.DnsServer.DnsServerClient _client = new(plugin.Channel);

    public async ValueTask<ServiceReport> ApplyAsync(ServiceDelta delta, CancellationToken cancellationToken) =>
        ServiceMessages.FromMessage(await plugin.CallAsync(_client.ApplyAsync, ServiceMessages.ToMessage(delta), cancellationToken).ConfigureAwait(false));
}
