using Modular.Abstractions;
using Modular.ApiMachinery;

namespace Modular.Toolkit;

/// <summary>
/// A named control loop: which objects wake it, and how one key is brought from what is to what should be. Queue, retries with back-off
/// and concurrency belong to the driver that runs it; one key is never reconciled twice at the same time.
/// </summary>
public interface IController
{
    /// <summary>Lower case, as in logs and metrics.</summary>
    string Name { get; }

    /// <summary>The objects that wake the controller.</summary>
    IReadOnlyList<ControllerSource> Sources { get; }

    /// <summary>How many keys may be reconciled at a time.</summary>
    int Workers => 1;

    /// <summary>Called once, with one synced informer per source in their order, before the first key.</summary>
    ValueTask StartAsync(IReadOnlyList<IInformer> informers, CancellationToken cancellationToken);

    /// <summary>
    /// Brings one key's world to what it should be. Idempotent: reads the state anew. An exception means try again later.
    /// </summary>
    /// <returns>When to look at the key again without being woken; null for never.</returns>
    ValueTask<TimeSpan?> ReconcileAsync(ObjectName key, CancellationToken cancellationToken);
}

/// <summary>Objects that wake a controller.</summary>
/// <param name="Scope">Which objects.</param>
/// <param name="Keys">The keys that a change of an object concerns; called with the old state too, where there was one.</param>
public sealed record ControllerSource(ResourceScope Scope, Func<ApiObject, IEnumerable<ObjectName>> Keys);
