using Microsoft.AspNetCore.Http;

namespace Modular.Abstractions.Http;

/// <summary>Paths that a plugin serves on the API server's own listener, behind its authentication and authorization.</summary>
[Contract("modular.http-endpoints", "0.1.0", ContractCardinality.Many)]
public interface IHttpEndpoints
{
    /// <summary>The prefixes served, each beginning with a slash; none may lie under /api, /apis or /openapi.</summary>
    IReadOnlyList<string> Prefixes { get; }

    /// <summary>
    /// Answers a request. Who sent it is its feature of type <see cref="UserInfo"/>. An <see cref="Modular.ApiMachinery.ApiException"/> becomes a Status.
    /// </summary>
    Task HandleAsync(HttpContext context);
}
