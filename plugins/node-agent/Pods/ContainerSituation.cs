using Modular.Abstractions;
using Modular.Models;

namespace Modular.Plugins.NodeAgent.Pods;

/// <summary>What is known of one container of a pod at one moment; what its status is made from.</summary>
internal sealed record ContainerSituation
{
    public required Container Container { get; init; }

    /// <summary>The latest attempt; null before the first.</summary>
    public Abstractions.ContainerState? Current { get; init; }

    /// <summary>The attempt before.</summary>
    public Abstractions.ContainerState? Previous { get; init; }

    /// <summary>Why it waits; empty if it does not wait for anything in particular.</summary>
    public string WaitingReason { get; init; } = "";

    public string WaitingMessage { get; init; } = "";

    public bool Started { get; init; }

    public bool Ready { get; init; }

    public bool IsRunning => Current is { Phase: ContainerPhase.Running };

    public bool HasEnded => Current is { Phase: ContainerPhase.Exited or ContainerPhase.Unknown };

    /// <summary>Ended, and not to be started again.</summary>
    public bool IsFinished { get; init; }
}
