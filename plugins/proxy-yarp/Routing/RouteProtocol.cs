using Modular.Abstractions;

namespace Modular.Plugins.ProxyYarp.Routing;

/// <summary>What is spoken at a port, as far as the proxy minds.</summary>
internal enum RouteProtocol
{
    /// <summary>Bytes.</summary>
    Tcp,
    /// <summary>Datagrams.</summary>
    Udp,
    /// <summary>HTTP/1.1, with upgrades such as WebSockets.</summary>
    Http,
    /// <summary>HTTP/2 without TLS and without an upgrade.</summary>
    Http2,
}

/// <summary>Reads what is spoken at a port.</summary>
internal static class RouteProtocols
{
    public static RouteProtocol Of(ServicePortRecord port) => (port.Protocol, port.AppProtocol) switch
    {
        ("UDP", _) => RouteProtocol.Udp,
        (_, "http" or "kubernetes.io/ws") => RouteProtocol.Http,
        (_, "kubernetes.io/h2c") => RouteProtocol.Http2,
        _ => RouteProtocol.Tcp,
    };
}
