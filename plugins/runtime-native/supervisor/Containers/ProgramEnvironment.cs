using Modular.RuntimeNative.Protocol;

namespace Modular.RuntimeNative.Supervisor.Containers;

/// <summary>The variables of a container's programs, as NAME=VALUE.</summary>
internal static class ProgramEnvironment
{
    private const string Terminal = "TERM=";

    /// <param name="launch">The container.</param>
    /// <param name="tty">Whether the program has a terminal; the container may say which kind.</param>
    public static IReadOnlyList<string> Of(ContainerLaunch launch, bool tty) =>
    [
        .. launch.Environment,
        $"{ProcessSweep.Mark}={launch.Id}",
        .. tty && !launch.Environment.Any(variable => variable.StartsWith(Terminal, StringComparison.Ordinal)) ? [Terminal + "xterm"] : Array.Empty<string>(),
    ];
}
