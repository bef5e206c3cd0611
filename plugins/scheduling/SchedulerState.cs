namespace Modular.Plugins.Scheduling;

/// <summary>Whether pods get nodes.</summary>
internal enum SchedulerState
{
    /// <summary>Nobody provides a scheduler.</summary>
    Missing,

    /// <summary>The scheduler answers.</summary>
    Working,

    /// <summary>The scheduler fails, time and again.</summary>
    Failing,
}
