using System.Text.Json.Nodes;
using Modular.PluginLoader;

namespace Modular.Kernel.Plugins;

/// <summary>Where a role's plugin is in its life.</summary>
public enum PluginPhase
{
    Pending,
    Running,
    Stopping,
    Stopped,
    Failed,
}

/// <summary>One thing to know about a plugin, as in other Kubernetes objects.</summary>
public sealed record PluginCondition(string Type, bool Status, string Reason, string Message, DateTimeOffset LastTransitionTime);

/// <summary>What a role's plugin is doing. Immutable.</summary>
public sealed record PluginStatus
{
    public required string Name { get; init; }

    /// <summary>What was asked for last.</summary>
    public required PluginSlot Slot { get; init; }

    public PluginPhase Phase { get; init; }

    /// <summary>The implementation that runs (or was tried last).</summary>
    public string Plugin { get; init; } = "";

    public string Version { get; init; } = "";

    public long Epoch { get; init; }

    /// <summary>Whether it has a process of its own.</summary>
    public bool IsProcess { get; init; }

    public IReadOnlyList<string> Provides { get; init; } = [];

    public IReadOnlyList<string> Requires { get; init; } = [];

    /// <summary>What it may do to the machine.</summary>
    public HostPrivileges Privileges { get; init; }

    public IReadOnlyList<PluginCondition> Conditions { get; init; } = [];

    /// <summary>What ran before the last exchange, with the version that ran; null if nothing was exchanged since this process began.</summary>
    public PluginSlot? Previous { get; init; }

    /// <summary>What runs in place of what was asked for, which could not be had; null if that runs.</summary>
    public PluginSlot? Kept { get; init; }

    /// <summary>How the trial of a candidate goes, as its user says; null if nothing was said.</summary>
    public JsonObject? TrialReport { get; init; }

    /// <summary>True if the distribution file rules this role because the API itself needs it.</summary>
    public bool Bootstrap { get; init; }

    /// <summary>True if it is a candidate whose trial has failed.</summary>
    public bool IsRolledBack => Condition(PluginConditions.RolledBack) is { Status: true };

    /// <summary>What is the matter with it, as the first condition that is false says it; null if none says anything.</summary>
    public string? Problem => Conditions.FirstOrDefault(c => c is { Status: false, Message.Length: > 0 })?.Message;

    /// <summary>The condition of that type, or null.</summary>
    public PluginCondition? Condition(string type) => Conditions.FirstOrDefault(c => c.Type == type);

    /// <summary>With a condition set; its time moves only when its status does.</summary>
    internal PluginStatus With(string type, bool status, string reason, string message, DateTimeOffset now)
    {
        var old = Condition(type);
        var time = old is not null && old.Status == status ? old.LastTransitionTime : now;
        var set = new PluginCondition(type, status, reason, message, time);
        return this with { Conditions = old is null ? [.. Conditions, set] : [.. Conditions.Select(c => c.Type == type ? set : c)] };
    }
}

/// <summary>The types of conditions.</summary>
public static class PluginConditions
{
    public const string Resolved = "Resolved";
    public const string Loaded = "Loaded";
    public const string Ready = "Ready";
    public const string Degraded = "Degraded";
    public const string Blocked = "Blocked";
    public const string Unloaded = "Unloaded";
    public const string RolledBack = "RolledBack";
}
