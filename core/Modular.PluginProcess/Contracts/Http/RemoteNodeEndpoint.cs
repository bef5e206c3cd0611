using Microsoft.AspNetCore.Http;
using Modular.Abstractions.Http;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>A node's endpoint in another process.</summary>
internal sealed class RemoteNodeEndpoint : INodeEndpoint
{
    private readonly RemotePlugin _plugin;

    private RemoteNodeEndpoint(RemotePlugin plugin, string nodeName)
    {
        _plugin = plugin;
        NodeName = nodeName;
    }

    public string NodeName { get; }

    /// <summary>Asks which node it is.</summary>
    /// <exception cref="PluginProcessException">The process does not say.</exception>
    public static async ValueTask<INodeEndpoint> OpenAsync(RemotePlugin plugin, CancellationToken cancellationToken)
    {
        var client = new Protocol.NodeEndpoint.NodeEndpointClient(plugin.Channel);
        var reply = await plugin.CallAsync(client.GetNodeNameAsync, new Protocol.NodeNameRequest(), cancellationToken).ConfigureAwait(false);
        return new RemoteNodeEndpoint(plugin, reply.NodeName);
    }

    public Task HandleAsync(HttpContext context) => _plugin.Requests!.Value.ForwardAsync(context, ContractAdapter.NameOf(typeof(INodeEndpoint)));
}
