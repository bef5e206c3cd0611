using Modular.Abstractions;
using Modular.RuntimeNative.Protocol;

namespace Modular.Plugins.RuntimeNative;

/// <summary>How containers are kept apart, and what follows from it for the images and the surroundings they have.</summary>
internal interface IRuntimeMode
{
    /// <summary>As nodes report it: process or isolated.</summary>
    string Name { get; }

    string Limitation { get; }

    bool AssignsAddresses { get; }

    /// <summary>What the supervisor is started with, after its directories.</summary>
    IReadOnlyList<string> SupervisorArguments { get; }

    /// <exception cref="RuntimeException">The image is none this mode has.</exception>
    string ResolveImage(string image);

    /// <summary>What the supervisor starts for a container.</summary>
    ContainerLaunch Resolve(ContainerSpec spec, SandboxRecord sandbox);

    /// <summary>Removes what <see cref="Resolve"/> made.</summary>
    void Clean(string containerId);
}
