namespace Modular.Abstractions;

/// <summary>
/// Answers for the names of services and pods. What was applied last is served until the next delta, whatever happens to the driver. Calls
/// come one after the other.
/// </summary>
[Contract("modular.dns", "0.1.0", ContractCardinality.One)]
public interface IDnsServer
{
    /// <summary>Takes in a delta. When it returns, answers go by it.</summary>
    ValueTask<ServiceReport> ApplyAsync(ServiceDelta delta, CancellationToken cancellationToken);
}
