namespace Modular.Abstractions;

/// <summary>
/// Implemented by the entry type of a plugin that leaves something on the machine which outlives the host, such as links of a network.
/// When the cluster is taken down, after its processes have ended, the plugin is constructed and asked to clean; it goes through no other step.
/// </summary>
/// <remarks>A plugin is asked if it has left a file <see cref="NoticeFile"/> with its id in its state directory, which it does before all else.</remarks>
public interface IMachineCleanup
{
    /// <summary>The name of the file in the state directory.</summary>
    const string NoticeFile = "leftovers";

    /// <summary>Removes what this plugin left. Can be repeated.</summary>
    /// <param name="dataDirectory">The plugin's data directory.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="IOException">Something stays, and why.</exception>
    ValueTask CleanAsync(string dataDirectory, CancellationToken cancellationToken);
}
