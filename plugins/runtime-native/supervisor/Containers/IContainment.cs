using Modular.RuntimeNative.Protocol;
using Modular.RuntimeNative.Supervisor.Native;

namespace Modular.RuntimeNative.Supervisor.Containers;

/// <summary>
/// What keeps containers apart from each other and from the machine, as far as it does. Thread-safe; for one sandbox and its containers one
/// call is made at a time, commands and ends aside.
/// </summary>
internal interface IContainment : IDisposable
{
    /// <summary>Ends what is left of an earlier supervisor's containers and removes what belongs to nothing that is known any more.</summary>
    void Recover(IReadOnlyCollection<string> sandboxIds, IReadOnlyCollection<string> containerIds);

    /// <summary>Makes what the containers of a sandbox share.</summary>
    SandboxRecord Open(SandboxRecord sandbox);

    /// <summary>A sandbox of an earlier supervisor, as far as it is still there.</summary>
    SandboxRecord Reopen(SandboxRecord sandbox);

    /// <summary>Takes away what <see cref="Open"/> made.</summary>
    SandboxRecord Close(SandboxRecord sandbox);

    /// <summary>A terminal for a container's own program, before it is started.</summary>
    /// <exception cref="IOException">There is none left.</exception>
    PseudoTerminal OpenTerminal(ContainerLaunch launch);

    /// <exception cref="ChildStartException">It can't be started.</exception>
    ValueTask<ChildProcess> StartAsync(ContainerLaunch launch, SandboxRecord sandbox, ChildStart start);

    /// <summary>A terminal for a command in a container.</summary>
    /// <exception cref="IOException">There is none left.</exception>
    PseudoTerminal OpenTerminal(ChildProcess container);

    /// <summary>Starts a command beside a container's program.</summary>
    /// <exception cref="ChildStartException">It can't be started.</exception>
    ChildProcess Execute(ContainerLaunch launch, ChildProcess container, ChildStart start);

    /// <summary>Ends what a container's first process left behind. True if the container had used up its memory.</summary>
    bool End(ContainerLaunch launch, ProcessIdentity process);

    /// <summary>Removes what a container wrote.</summary>
    void Forget(ContainerLaunch launch);
}
