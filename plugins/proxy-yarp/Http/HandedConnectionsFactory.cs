using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Modular.Plugins.ProxyYarp.Http;

/// <summary>Gives Kestrel the endpoints themselves as their listeners.</summary>
internal sealed class HandedConnectionsFactory : IConnectionListenerFactory
{
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IConnectionListener>((HandedConnections)endpoint);
}
