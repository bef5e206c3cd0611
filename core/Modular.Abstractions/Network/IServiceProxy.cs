namespace Modular.Abstractions;

/// <summary>
/// Carries connections from the addresses of services to their endpoints on one node. What was applied last is served until the next delta,
/// whatever happens to the driver. Calls come one after the other.
/// </summary>
[Contract("modular.service-proxy", "0.1.0", ContractCardinality.One)]
public interface IServiceProxy
{
    /// <summary>Takes in a delta. When it returns, new connections go by it; connections to endpoints that stay are not touched.</summary>
    ValueTask<ServiceReport> ApplyAsync(ServiceDelta delta, CancellationToken cancellationToken);
}
