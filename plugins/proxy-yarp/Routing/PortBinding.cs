using System.Net;
using System.Net.Sockets;

namespace Modular.Plugins.ProxyYarp.Routing;

/// <summary>An address and port at which a port of a service is to answer.</summary>
/// <param name="EndPoint">Where.</param>
/// <param name="Transport">TCP or UDP.</param>
/// <param name="Route">Where its connections go.</param>
/// <param name="Port">The port as users know it, such as <c>80/TCP</c>.</param>
internal sealed record PortBinding(IPEndPoint EndPoint, ProtocolType Transport, PortRoute Route, string Port)
{
    /// <summary>What only one can have.</summary>
    public (IPEndPoint EndPoint, ProtocolType Transport) Key => (EndPoint, Transport);
}
