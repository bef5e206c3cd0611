namespace Modular.PluginProcess;

/// <summary>What a host that was killed left of its plugins' processes.</summary>
public static class PluginLeftovers
{
    /// <summary>Ends the processes of a role, and removes their files and control groups.</summary>
    /// <param name="stateDirectory">The role's state directory.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static Task EndAsync(string stateDirectory, CancellationToken cancellationToken) => PluginChild.EndLeftoversAsync(stateDirectory, cancellationToken);
}
