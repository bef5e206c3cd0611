namespace Modular.Abstractions;

/// <summary>
/// Carries connections from the addresses of services to their endpoints on one node. What was applied last is served until the next delta,
/// whatever happens to the driver. Deltas come one after the other; drains come at any time, beside them.
/// </summary>
[Contract("modular.service-proxy", "0.1.0", ContractCardinality.One)]
public interface IServiceProxy
{
    /// <summary>Takes in a delta. When it returns, new connections go by it; connections to endpoints that stay are not touched.</summary>
    ValueTask<ServiceReport> ApplyAsync(ServiceDelta delta, CancellationToken cancellationToken);

    /// <summary>
    /// Says that an endpoint's address is about to end. From now on it is given nothing new, unless nobody else answers for a service,
    /// until deltas no longer name it as ready. To be asked again until there is nothing left: the answer covers what predecessors of this
    /// proxy still carry, and successors hear of the drain by it.
    /// </summary>
    /// <param name="address">The IP address.</param>
    /// <param name="cancellationToken">Ends the question, not the drain.</param>
    /// <returns>
    /// Whether connections or requests are on their way there. Connections on which no request is made, and datagrams, do not count.
    /// </returns>
    ValueTask<bool> DrainAsync(string address, CancellationToken cancellationToken);
}
