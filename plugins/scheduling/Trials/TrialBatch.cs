using Modular.Abstractions;

namespace Modular.Plugins.Scheduling.Trials;

/// <summary>What a candidate is asked.</summary>
/// <param name="Delta">What changed in the true cluster since it was asked last; null if nothing did.</param>
/// <param name="Pods">The pods to place.</param>
internal sealed record TrialBatch(ClusterDelta? Delta, IReadOnlyList<SchedulingPod> Pods)
{
    /// <summary>For a canary: the pods in the queue.</summary>
    public IReadOnlyList<PendingPod> Pending { get; init; } = [];

    /// <summary>For a shadow: where the live scheduler puts each of them; empty for nowhere.</summary>
    public IReadOnlyList<string> Live { get; init; } = [];
}

/// <summary>What a canary answered.</summary>
/// <param name="Trial">The canary's trial.</param>
/// <param name="Pods">The pods it was asked about.</param>
/// <param name="Placements">One for each; null if it has no answer and the live scheduler is to be asked.</param>
internal sealed record TrialAnswer(CandidateTrial Trial, IReadOnlyList<PendingPod> Pods, IReadOnlyList<Placement>? Placements);
