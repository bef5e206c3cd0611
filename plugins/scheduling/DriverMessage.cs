using Modular.ApiMachinery;
using Modular.Plugins.Scheduling.Trials;

namespace Modular.Plugins.Scheduling;

/// <summary>What the driver hears of.</summary>
internal enum DriverNews
{
    Pod,
    PodGone,
    PodsComplete,
    Node,
    NodeGone,
    NodesComplete,
    /// <summary>The API took the binding.</summary>
    Bound,
    /// <summary>The pod is still without a node; it is tried again.</summary>
    NotBound,
    /// <summary>The pod is gone or on another node.</summary>
    BindingObsolete,
    /// <summary>Another scheduler plugin, or none.</summary>
    SchedulerChanged,
    /// <summary>Other candidates are to be tried.</summary>
    CandidatesChanged,
    /// <summary>A canary has placed pods, or has not.</summary>
    CanaryAnswered,
    /// <summary>A back-off has ended.</summary>
    Wake,
}

/// <summary>One piece of news.</summary>
internal readonly record struct DriverMessage(DriverNews News, ApiObject? Object = null, PendingPod? Pod = null, TrialAnswer? Answer = null);
