using Microsoft.AspNetCore.Http;

namespace Modular.Abstractions.Http;

/// <summary>
/// What an API server asks a node for, in the form of a kubelet's HTTP API: <c>GET /containerLogs/ns/pod/container</c>,
/// <c>GET|POST /exec/ns/pod/container</c> and <c>GET|POST /attach/ns/pod/container</c> (WebSocket), <c>GET|POST /portForward/ns/pod</c> (WebSocket or SPDY/3.1), <c>GET /healthz</c>. Within one process the API server hands the client's own
/// context over, with path and query rewritten, so that streams and upgrades pass without a copy.
/// </summary>
[Contract("modular.node-endpoint", "0.1.0", ContractCardinality.Many)]
public interface INodeEndpoint
{
    /// <summary>The node this endpoint speaks for.</summary>
    string NodeName { get; }

    /// <summary>Answers a request whose sender is already authenticated and authorized: its feature of type <see cref="UserInfo"/>.</summary>
    Task HandleAsync(HttpContext context);
}
