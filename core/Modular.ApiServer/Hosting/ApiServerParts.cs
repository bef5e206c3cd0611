using Microsoft.Extensions.Logging;

namespace Modular.ApiServer;

/// <summary>Asks the authenticators who sent a request.</summary>
public delegate ValueTask<AuthenticationResult> Authenticate(AuthenticationRequest request, CancellationToken cancellationToken);

/// <summary>What the API server is put in front of.</summary>
public sealed record ApiServerParts
{
    /// <summary>Carries out requests for resources.</summary>
    public required IRequestPipeline Pipeline { get; init; }

    /// <summary>The kinds served.</summary>
    public required IResourceRegistry Resources { get; init; }

    /// <summary>Finds out who asks. Unknown senders are anonymous; whether they may do anything is authorization's question.</summary>
    public required Authenticate Authenticate { get; init; }

    /// <summary>The endpoint of a node, leased; null if nobody speaks for that node.</summary>
    public Func<string, ContractLease<INodeEndpoint>?> FindNode { get; init; } = static _ => null;

    /// <summary>The plugins that serve paths of their own, each leased.</summary>
    public Func<IReadOnlyList<ContractLease<IHttpEndpoints>>> HttpEndpoints { get; init; } = static () => [];

    /// <summary>False while the API is not there yet or no more: its paths then answer 503. The server may listen before the kernel serves.</summary>
    public Func<bool> Serves { get; init; } = static () => true;

    /// <summary>What <c>/livez</c>, <c>/readyz</c> and <c>/healthz</c> look at.</summary>
    public IReadOnlyList<HealthCheck> HealthChecks { get; init; } = [];

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where to log.</summary>
    public required ILoggerFactory Log { get; init; }
}
