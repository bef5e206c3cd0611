using Modular.Abstractions;

namespace Modular.PluginProcess;

/// <summary>How plugins in processes of their own are started and looked after.</summary>
public sealed record PluginProcessOptions
{
    /// <summary>The program that runs a .NET plugin: it is called as <c>PROGRAM plugin DIRECTORY</c>.</summary>
    public required string Executable { get; init; }

    /// <summary>Writes a kubeconfig for a plugin's user to a path that only this user can read.</summary>
    public required Action<PluginIdentity, string> WriteKubeconfig { get; init; }

    /// <summary>How long a process may take until it serves.</summary>
    public TimeSpan GreetingTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a call of a contract may take.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a process is asked whether it is there, and how long it may take to say so.</summary>
    public TimeSpan CheckInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a process may take to end by itself.</summary>
    public TimeSpan EndTimeout { get; init; } = TimeSpan.FromSeconds(2);
}
