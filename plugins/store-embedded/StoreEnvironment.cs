using Microsoft.Extensions.Logging;

namespace Modular.Plugins.StoreEmbedded;

/// <summary>What the store uses of its host.</summary>
/// <param name="Time">The clock.</param>
/// <param name="Log">Where it logs.</param>
/// <param name="Metrics">What it measures.</param>
/// <param name="Fatal">Ends the process; called when nothing can be promised any more.</param>
internal sealed record StoreEnvironment(TimeProvider Time, ILogger Log, StoreMetrics Metrics, Action<string> Fatal);
