namespace Modular.Abstractions;

/// <summary>
/// What a plugin assembly contains exactly one public class of. The host constructs it without arguments and calls the steps in their
/// order, never two at once. Construction has no side effects; everything with a cost waits for a step.
/// </summary>
/// <remarks>
/// Dispose is called after whichever step came last, succeeded or not, and may be called twice; it must work on half-built objects.
/// </remarks>
public interface IPlugin : IAsyncDisposable
{
    /// <summary>
    /// Reads its configuration and calls <see cref="IPluginContext.Provide{T}"/> for every contract its manifest promises. Contracts of
    /// other plugins may be asked for, but not yet called.
    /// </summary>
    ValueTask ProvisionAsync(IPluginContext context, CancellationToken cancellationToken);

    /// <summary>Starts what runs. Everything the manifest requires is there.</summary>
    ValueTask StartAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>
    /// Stops what runs, in good order. Calls in flight have been drained, no new ones arrive. What is given back by the context
    /// (subscriptions, listeners) need not be.
    /// </summary>
    ValueTask StopAsync(StopReason reason, CancellationToken cancellationToken) => ValueTask.CompletedTask;
}

/// <summary>Why a plugin is stopped.</summary>
public enum StopReason
{
    /// <summary>The host goes down.</summary>
    Shutdown,
    /// <summary>Another plugin, or another build of this one, takes the role over.</summary>
    Replaced,
    /// <summary>Nobody wants the plugin any more.</summary>
    Removed,
    /// <summary>A later step failed and the earlier ones are unwound.</summary>
    Failed,
}
