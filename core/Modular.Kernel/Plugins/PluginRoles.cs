using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;

namespace Modular.Kernel.Plugins;

/// <summary>
/// The roles of a cluster and what is known of each. One caller at a time changes them; anybody may read the statuses and wait for the
/// next change.
/// </summary>
internal sealed class PluginRoles(TimeProvider time, ILogger log)
{
    private readonly List<PluginRole> _roles = [];
    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _generation;

    /// <summary>All roles, in order; for the one who changes them.</summary>
    public IReadOnlyList<PluginRole> All => _roles;

    /// <summary>What is known of each, in order. A snapshot.</summary>
    public IReadOnlyList<PluginStatus> Statuses
    {
        get
        {
            lock (_lock)
            {
                return [.. _roles.Select(r => r.Status)];
            }
        }
    }

    /// <summary>Changes with every status.</summary>
    public long Generation => Interlocked.Read(ref _generation);

    /// <summary>Completes when a status changed since that generation.</summary>
    public Task WaitForChangeAsync(long generation, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return _generation != generation ? Task.CompletedTask : _changed.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The roles that are filled, for anybody.</summary>
    public IReadOnlyList<PluginRole> Running
    {
        get
        {
            lock (_lock)
            {
                return [.. _roles.Where(r => r.Instance is not null)];
            }
        }
    }

    public PluginRole? Find(string name) => _roles.Find(r => r.Name == name);

    public void Add(PluginRole role)
    {
        lock (_lock)
        {
            _roles.Add(role);
        }

        Signal();
    }

    public void Remove(PluginRole role)
    {
        lock (_lock)
        {
            _roles.Remove(role);
        }

        Signal();
    }

    public void Update(PluginRole role, Func<PluginStatus, PluginStatus> change)
    {
        lock (_lock)
        {
            var status = change(role.Status);
            if (status == role.Status || (status with { Conditions = role.Status.Conditions }) == role.Status
                && status.Conditions.SequenceEqual(role.Status.Conditions))
            {
                return;
            }

            role.Status = status;
        }

        Signal();
    }

    /// <summary>The role's instance runs.</summary>
    public void ShowRunning(PluginRole role, PluginInstance instance)
    {
        var now = time.GetUtcNow();
        Update(role, s =>
        {
            var ready = role.ReadyOf(instance.Identity);
            return (s with
            {
                Phase = PluginPhase.Running,
                Plugin = instance.Identity.Id,
                Version = instance.Identity.Version,
                Epoch = instance.Identity.Epoch,
                IsProcess = instance.IsProcess,
                Provides = [.. instance.Manifest.Provides.Select(p => p.Contract)],
                Requires = [.. instance.Manifest.Requires.Select(r => r.Contract)],
                Privileges = instance.Manifest.HostPrivileges,
                TrialReport = null,
                Kept = null,
                Conditions = [.. s.Conditions.Where(c => c.Type != PluginConditions.RolledBack)],
            })
            .With(PluginConditions.Resolved, true, "Found", "", now)
            .With(PluginConditions.Loaded, true, "Loaded", "", now)
            .With(PluginConditions.Blocked, false, "NotBlocked", "", now)
            .With(PluginConditions.Degraded, false, "AsAsked", "", now)
            .With(PluginConditions.Ready, ready.Ready, ready.Reason.Length > 0 ? ready.Reason : ready.Ready ? "Started" : "NotReady", ready.Message, now);
        });
    }

    /// <summary>An instance said of itself whether it can do its work.</summary>
    public void ShowReady(PluginRole role, PluginIdentity identity, bool ready, string reason, string message)
    {
        role.SetReady(identity, ready, reason, message);
        if (role.Instance?.Identity == identity)
        {
            Update(role, s => s.With(
                PluginConditions.Ready, ready, reason.Length > 0 ? reason : ready ? "Ready" : "NotReady", message, time.GetUtcNow()));
        }
    }

    /// <summary>The role was asked for something it could not be given, and keeps what it has.</summary>
    public void ShowKept(PluginRole role, string reason, string message)
    {
        log.Failed(role.Name, reason, message);
        if (role.Instance is { } kept)
        {
            Update(role, s => (s with { Kept = kept.Slot with { Version = kept.Identity.Version } }).With(
                PluginConditions.Degraded, true, reason, $"kept {kept.Identity.Id} {kept.Identity.Version}: {message}", time.GetUtcNow()));
        }
    }

    /// <summary>Work that an instance had begun by itself ended with an exception that it did not handle.</summary>
    public void ShowStray(PluginRole role, PluginIdentity instance, Exception exception)
    {
        log.Stray(exception, role.Name, instance.Id, instance.Version);
        Update(role, s => s.With(
            PluginConditions.Degraded, true, "ThreadEnded", $"work of {instance.Id} {instance.Version} ended: {exception.GetType().Name}: {exception.Message}", time.GetUtcNow()));
    }

    /// <summary>How the trial of a candidate goes.</summary>
    public void ShowTrial(PluginRole role, PluginIdentity candidate, JsonObject report)
    {
        if (role.Instance?.Identity == candidate)
        {
            Update(role, s => s with { TrialReport = report });
        }
    }

    /// <summary>The trial of a candidate has failed, and its plugin was stopped.</summary>
    public void ShowRejected(PluginRole role, TrialFailure failure)
    {
        log.Failed(role.Name, failure.Reason, failure.Message);
        var now = time.GetUtcNow();
        Update(role, s => (s with { Phase = PluginPhase.Failed })
            .With(PluginConditions.Ready, false, "RolledBack", failure.Message, now)
            .With(PluginConditions.RolledBack, true, failure.Reason, failure.Message, now));
    }

    public void ShowStopped(PluginRole role) => Update(role, s => (s with { Phase = PluginPhase.Stopped })
        .With(PluginConditions.Degraded, false, "Stopped", "", time.GetUtcNow())
        .With(PluginConditions.Ready, false, "Stopped", "", time.GetUtcNow()));

    public void ShowUnloaded(PluginRole role, PluginIdentity instance, bool unloaded) => Update(role, s => s.With(
        PluginConditions.Unloaded, unloaded, unloaded ? "Unloaded" : "StillReferenced",
        unloaded ? "" : $"something still refers to {instance.Id} {instance.Version}; its memory is kept", time.GetUtcNow()));

    public void ShowFailed(PluginRole role, string condition, string reason, string message)
    {
        if (role.Status.Phase == PluginPhase.Failed && role.Status.Condition(condition) is { } same && same.Message == message)
        {
            return;
        }

        log.Failed(role.Name, reason, message);
        var now = time.GetUtcNow();
        Update(role, s => (s with { Phase = PluginPhase.Failed, Plugin = role.Slot.Plugin, Version = role.Slot.Version })
            .With(PluginConditions.Ready, false, reason, message, now)
            .With(condition, false, reason, message, now));
    }

    /// <summary>The role cannot be filled: it waits if somebody else's problem is the cause, and has failed if the cause is its own.</summary>
    public void ShowProblem(PluginRole role, PluginProblem problem)
    {
        if (problem.BlockedBy.Length == 0)
        {
            ShowFailed(role, PluginConditions.Resolved, problem.Reason, problem.Message);
            return;
        }

        var now = time.GetUtcNow();
        Update(role, s => (s with { Phase = PluginPhase.Pending })
            .With(PluginConditions.Blocked, true, problem.Reason, problem.Message, now)
            .With(PluginConditions.Ready, false, "Blocked", "", now));
    }

    /// <summary>Says of running plugins whether something they need went away.</summary>
    public void ShowBlocked(ContractRegistry contracts)
    {
        foreach (var role in _roles.Where(r => r.Instance is not null))
        {
            var missing = role.Instance!.Manifest.Requires.FirstOrDefault(r => !r.Optional && !contracts.IsProvided(r.Contract));
            var now = time.GetUtcNow();
            Update(role, s => missing is null
                ? s.With(PluginConditions.Blocked, false, "NotBlocked", "", now)
                : s.With(PluginConditions.Blocked, true, "ProviderStopped", $"nobody provides {missing.Contract} now", now));
        }
    }

    private void Signal()
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            _generation++;
            changed = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }
}
