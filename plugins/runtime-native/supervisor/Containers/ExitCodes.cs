namespace Modular.RuntimeNative.Supervisor.Containers;

/// <summary>Exit codes with a meaning of their own, as shells and Kubernetes have them.</summary>
internal static class ExitCodes
{
    /// <summary>Ended by KILL.</summary>
    public const int Killed = 137;

    /// <summary>Could not be started, for another reason than its program.</summary>
    public const int NotStarted = 128;
}
