namespace Modular.Abstractions;

/// <summary>
/// Implemented by the entry type of a plugin that, once replaced, goes on carrying what it had begun, such as connections and calls. In the host's
/// process it simply does so; a process of its own ends when there is nothing left. Calls of it are not waited for before it is stopped.
/// </summary>
public interface ILingering
{
    /// <summary>Whether it does; asked when it has been provisioned.</summary>
    bool Lingers => true;

    /// <summary>Completes when nothing is left. Asked once, after <see cref="IPlugin.StopAsync"/> for <see cref="StopReason.Replaced"/>.</summary>
    Task LingerAsync(CancellationToken cancellationToken);
}
