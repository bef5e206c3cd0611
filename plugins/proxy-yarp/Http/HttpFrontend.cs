using Modular.Plugins.ProxyYarp.Routing;

namespace Modular.Plugins.ProxyYarp.Http;

/// <summary>Where an HTTP connection came in: a feature of the connection, and so of each of its requests.</summary>
/// <param name="Route">Where its requests go.</param>
/// <param name="Address">The address and port the client called, where a successor of this proxy answers.</param>
/// <param name="Protocol">HTTP/1.1 or HTTP/2.</param>
internal sealed record HttpFrontend(PortRoute Route, Backend Address, RouteProtocol Protocol);
