using System.Text.Json.Nodes;

namespace Modular.Abstractions;

/// <summary>How much a candidate may do while it is tried.</summary>
public enum TrialMode
{
    /// <summary>It is asked what the provider is asked; its answers are recorded and compared, and nothing is done with them.</summary>
    Shadow,
    /// <summary>It decides, for a share of the work.</summary>
    Canary,
}

/// <summary>On what a candidate is tried.</summary>
/// <param name="Mode">What is done with its answers.</param>
public sealed record Trial(TrialMode Mode)
{
    /// <summary>A label selector as in URLs: only work on objects it selects is given to the candidate. Empty for all.</summary>
    public string Selector { get; init; } = "";

    /// <summary>The role it is tried for, whose contracts it must provide; empty for whichever role provides what it provides.</summary>
    public string Role { get; init; } = "";

    /// <summary>How much of the selected work the candidate is given, in percent from 1 to 100.</summary>
    public int Share { get; init; } = 100;
}

/// <summary>
/// A plugin that is tried beside the one that provides the contract. Whoever uses the contract says how the trial goes and when it has failed.
/// Dispose it to end its use. Thread-safe.
/// </summary>
/// <param name="lease">The plugin, leased.</param>
/// <param name="trial">On what it is tried.</param>
/// <param name="observer">Hears how it goes.</param>
public sealed class Candidate<T>(ContractLease<T> lease, Trial trial, ITrialObserver observer) : IDisposable
    where T : class
{
    private ITrialObserver? _observer = observer;
    private int _disposed;

    /// <summary>The plugin; valid until the candidate is disposed.</summary>
    public T Value => lease.Value;

    /// <summary>Who it is.</summary>
    public PluginIdentity Provider => lease.Provider;

    /// <summary>On what it is tried.</summary>
    public Trial Trial { get; } = trial;

    /// <summary>Says how the trial goes; shown in the plugin's status in place of what was said before.</summary>
    public void Report(JsonObject report) => _observer?.Report(report);

    /// <summary>Ends the trial for good: the plugin is stopped and stays so until somebody enables it again. Said once.</summary>
    /// <param name="reason">Why, in CamelCase.</param>
    /// <param name="message">Why, as a sentence.</param>
    public void Reject(string reason, string message) => Interlocked.Exchange(ref _observer, null)?.Reject(reason, message);

    /// <inheritdoc />
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            lease.Dispose();
        }
    }
}

/// <summary>Hears how a trial goes; the host's side of it.</summary>
public interface ITrialObserver
{
    /// <summary>The figures so far.</summary>
    void Report(JsonObject report);

    /// <summary>The trial has failed.</summary>
    void Reject(string reason, string message);
}

/// <summary>A consumer's hold on those that are tried beside the provider of a contract. Thread-safe.</summary>
public abstract class CandidateHandle<T>
    where T : class
{
    /// <summary>Changes whenever there are other candidates.</summary>
    public abstract long Generation { get; }

    /// <summary>The candidates there are, in order. Dispose every one.</summary>
    public abstract IReadOnlyList<Candidate<T>> AcquireAll();

    /// <summary>Completes when <see cref="Generation"/> is no longer the given one, or at once if it already is another.</summary>
    public abstract Task WaitForChangeAsync(long generation, CancellationToken cancellationToken);
}
