using Modular.Abstractions;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>A service proxy in another process.</summary>
internal sealed class RemoteServiceProxy(RemotePlugin plugin) : IServiceProxy
{
    private readonly Protocol.ServiceProxy.ServiceProxyClient _client = new(plugin.Channel);

    public async ValueTask<ServiceReport> ApplyAsync(ServiceDelta delta, CancellationToken cancellationToken) =>
        ServiceMessages.FromMessage(await plugin.CallAsync(_client.ApplyAsync, ServiceMessages.ToMessage(delta), cancellationToken).ConfigureAwait(false));

    public async ValueTask<bool> DrainAsync(string address, CancellationToken cancellationToken) =>
        (await plugin.CallAsync(_client.DrainAsync, new Protocol.DrainRequest { Address = address }, cancellationToken).ConfigureAwait(false)).Used;
}
