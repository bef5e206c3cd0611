using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Modular.PluginLoader;

namespace Modular.Kernel.Plugins;

/// <summary>
/// Fills the roles of a cluster with plugins: starts them in the order of their needs, exchanges them while others call them, stops them
/// in reverse. A plugin that fails takes down nobody; those that need it are blocked until it runs. Thread-safe; changes are carried out
/// one after another.
/// </summary>
public sealed class PluginHost : IAsyncDisposable
{
    // What the API is made of. A plugin that provides one of these and never calls the API starts before it, by the distribution file alone.
    private static readonly ImmutableHashSet<string> ApiContracts =
        ["modular.store", "modular.resources", "modular.authenticator", "modular.authorizer", "modular.admission"];

    private readonly PluginHostOptions _options;
    private readonly ILogger _log;
    private readonly PluginEpochs _epochs;
    private readonly List<PluginRole> _roles = [];
    private readonly SemaphoreSlim _changing = new(1, 1);
    private readonly Lock _statusLock = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _generation;
    private long _starts;
    private bool _stopped;

    public PluginHost(PluginHostOptions options)
    {
        _options = options;
        _log = options.Log.CreateLogger("plugins");
        _epochs = new PluginEpochs(options.DataDirectory);
    }

    /// <summary>Who provides what; the kernel takes its own handles here.</summary>
    public ContractRegistry Contracts => _options.Contracts;

    /// <summary>All roles, in order. A snapshot.</summary>
    public IReadOnlyList<PluginStatus> Statuses
    {
        get
        {
            lock (_statusLock)
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
        lock (_statusLock)
        {
            return _generation != generation ? Task.CompletedTask : _changed.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Whether a role is filled by the distribution file alone, because the API needs it to start.</summary>
    public bool IsBootstrap(PluginSlot slot)
    {
        try
        {
            var manifest = _options.Catalog.Find(slot.Plugin, slot.Version).Manifest;
            return manifest.Permissions.Count == 0 && manifest.Provides.Any(p => ApiContracts.Contains(p.Contract));
        }
        catch (Exception e) when (e is PluginLoadException or PluginManifestException)
        {
            return false;
        }
    }

    /// <summary>Who needs whom, among the enabled roles of a distribution.</summary>
    /// <exception cref="PluginLoadException">A plugin is not installed.</exception>
    /// <exception cref="PluginManifestException">A manifest is wrong.</exception>
    public PluginGraph Resolve(IEnumerable<PluginSlot> slots) => PluginGraph.Resolve(
        [.. slots.Where(s => s.Enabled).Select(s => new PluginNode(s.Name, _options.Catalog.Find(s.Plugin, s.Version).Manifest))],
        ProvidedByHost());

    /// <summary>Starts the given roles, providers first; what fails shows in the statuses. Roles that exist already keep running.</summary>
    public async Task StartAsync(IReadOnlyList<PluginSlot> slots, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            foreach (var slot in slots)
            {
                Add(slot);
            }

            await StartPendingAsync(cancellationToken);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>
    /// Brings one role to what is asked for: started, exchanged, reconfigured or emptied. What cannot be done shows in its status; a plugin
    /// that runs is kept rather than replaced by one that does not.
    /// </summary>
    /// <returns>The role's status afterwards.</returns>
    public async Task<PluginStatus> ApplyAsync(PluginSlot slot, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_stopped, this);
            if (_roles.Find(r => r.Name == slot.Name) is not { } role)
            {
                role = Add(slot);
            }
            else if (role.Slot.AsksForSame(slot))
            {
                return role.Status;
            }
            else
            {
                await ChangeAsync(role, slot, cancellationToken);
            }

            await StartPendingAsync(cancellationToken);
            MarkBlocked();
            return role.Status;
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Empties a role and forgets it.</summary>
    public async Task RemoveAsync(string name, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            if (_roles.Find(r => r.Name == name) is { } role)
            {
                await EndAsync(role, StopReason.Removed);
                lock (_statusLock)
                {
                    _roles.Remove(role);
                }

                MarkBlocked();
                Signal();
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Stops all plugins, those that need others before those others.</summary>
    public async Task StopAsync(StopReason reason)
    {
        await _changing.WaitAsync();
        try
        {
            _stopped = true;
            foreach (var role in _roles.Where(r => r.Instance is not null).OrderByDescending(r => r.StartNumber).ToList())
            {
                await EndAsync(role, reason);
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await StopAsync(StopReason.Shutdown);
        _changing.Dispose();
    }

    private HashSet<string> ProvidedByHost()
    {
        var pluginContracts = _roles.Where(r => r.Instance is not null)
            .SelectMany(r => r.Instance!.Manifest.Provides).Select(p => p.Contract).ToHashSet(StringComparer.Ordinal);
        return [.. ContractCatalog.Names.Where(c => Contracts.IsProvided(c) && !pluginContracts.Contains(c))];
    }

    private PluginRole Add(PluginSlot slot)
    {
        var role = _roles.Find(r => r.Name == slot.Name);
        if (role is null)
        {
            role = new PluginRole(slot, _roles.Count, IsBootstrap(slot));
            lock (_statusLock)
            {
                _roles.Add(role);
            }

            Signal();
        }

        return role;
    }

    private async Task StartPendingAsync(CancellationToken cancellationToken)
    {
        var graph = Graph(null, null, out var installed);
        foreach (var problem in graph.Problems)
        {
            if (_roles.Find(r => r.Name == problem.Name) is { Instance: null } role)
            {
                Refuse(role, problem);
            }
        }

        foreach (var node in graph.Order)
        {
            var role = _roles.First(r => r.Name == node.Name);
            if (role.Instance is not null || role.Status.Phase == PluginPhase.Failed)
            {
                continue;
            }

            var failedProvider = graph.Needs(node.Name).FirstOrDefault(n => _roles.First(r => r.Name == n).Instance is null
                && !node.Manifest.Requires.Where(r => !r.Optional).All(r => Contracts.IsProvided(r.Contract)));
            if (failedProvider is not null)
            {
                Refuse(role, new PluginProblem(role.Name, "ProviderFailed", $"waits for {failedProvider}, which does not run", failedProvider));
                continue;
            }

            await StartAsync(role, installed[role.Name], cancellationToken);
        }
    }

    /// <summary>The graph of what runs and what is to run, possibly with another plugin in one role.</summary>
    private PluginGraph Graph(PluginRole? changed, InstalledPlugin? replacement, out Dictionary<string, InstalledPlugin> installed)
    {
        installed = new(StringComparer.Ordinal);
        var nodes = new List<PluginNode>();
        foreach (var role in _roles.OrderByDescending(r => r.Instance is not null).ThenBy(r => r.Order))
        {
            if (role == changed)
            {
                nodes.Add(new PluginNode(role.Name, replacement!.Manifest));
                continue;
            }

            if (role.Instance is { } instance)
            {
                nodes.Add(new PluginNode(role.Name, instance.Manifest));
                continue;
            }

            if (!role.Slot.Enabled)
            {
                Update(role, s => s with { Phase = PluginPhase.Stopped });
                continue;
            }

            try
            {
                var found = _options.Catalog.Find(role.Slot.Plugin, role.Slot.Version);
                installed[role.Name] = found;
                nodes.Add(new PluginNode(role.Name, found.Manifest));
            }
            catch (PluginLoadException e)
            {
                Fail(role, PluginConditions.Resolved, e.Reason, e.Message);
            }
            catch (PluginManifestException e)
            {
                Fail(role, PluginConditions.Resolved, "BadManifest", e.Message);
            }
        }

        return PluginGraph.Resolve(nodes, ProvidedByHost());
    }

    private async Task StartAsync(PluginRole role, InstalledPlugin installed, CancellationToken cancellationToken)
    {
        try
        {
            var instance = await StageAsync(role, role.Slot, installed, cancellationToken);
            Install(role, instance, old: null);
            _log.Started(role.Name, instance.Identity.Id, instance.Identity.Version, instance.Identity.Epoch);
        }
        catch (PluginStepException e)
        {
            Grant(role.Name, []);
            Fail(role, e.Reason is "LoadFailed" ? PluginConditions.Loaded : PluginConditions.Ready, e.Reason, e.Message);
        }
    }

    /// <summary>Brings a new instance up to running, beside whatever runs; unwinds it if that fails.</summary>
    private async Task<PluginInstance> StageAsync(PluginRole role, PluginSlot slot, InstalledPlugin installed, CancellationToken cancellationToken)
    {
        var identity = new PluginIdentity(
            role.Name, installed.Manifest.Id, installed.Manifest.Version.ToNormalizedString(), _epochs.Next(role.Name));
        PluginInstance instance;
        try
        {
            instance = PluginInstance.Load(identity, installed, slot, role.Order, Contracts, _options, (ready, reason, message) => SetReady(role, identity, ready, reason, message));
        }
        catch (PluginLoadException e)
        {
            throw new PluginStepException(e.Reason, e.Message, e);
        }

        try
        {
            // Both may act while one takes over from the other.
            Grant(role.Name, [.. role.Instance?.Manifest.Permissions ?? [], .. instance.Manifest.Permissions]);
            await instance.ProvisionAsync(cancellationToken);
            await instance.StartAsync(cancellationToken);
            return instance;
        }
        catch (Exception e)
        {
            Report(role, (await instance.EndAsync(StopReason.Failed)).Problems);
            throw e is PluginLoadException load ? new PluginStepException(load.Reason, load.Message, load) : e as PluginStepException ?? Rethrow(e);
        }

        static PluginStepException Rethrow(Exception e)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e);
            return null!;
        }
    }

    private void Install(PluginRole role, PluginInstance instance, PluginInstance? old)
    {
        Contracts.Switch(old?.Leases, instance.Provided);
        role.Instance = instance;
        role.StartNumber = ++_starts;
        Grant(role.Name, instance.Manifest.Permissions);
        var now = _options.Time.GetUtcNow();
        Update(role, s =>
        {
            var ready = role.ReadyOf(instance.Identity);
            return (s with
            {
                Phase = PluginPhase.Running,
                Plugin = instance.Identity.Id,
                Version = instance.Identity.Version,
                Epoch = instance.Identity.Epoch,
                Provides = [.. instance.Manifest.Provides.Select(p => p.Contract)],
                Requires = [.. instance.Manifest.Requires.Select(r => r.Contract)],
            })
            .With(PluginConditions.Resolved, true, "Found", "", now)
            .With(PluginConditions.Loaded, true, "Loaded", "", now)
            .With(PluginConditions.Blocked, false, "NotBlocked", "", now)
            .With(PluginConditions.Degraded, false, "AsAsked", "", now)
            .With(PluginConditions.Ready, ready.Ready, ready.Reason.Length > 0 ? ready.Reason : ready.Ready ? "Started" : "NotReady", ready.Message, now);
        });
    }

    private async Task ChangeAsync(PluginRole role, PluginSlot slot, CancellationToken cancellationToken)
    {
        var before = role.Slot;
        role.Slot = slot;
        Update(role, s => s with { Slot = slot });
        if (role.Instance is null || !slot.Enabled)
        {
            await EndAsync(role, StopReason.Removed);
            Update(role, s => s with { Phase = slot.Enabled ? PluginPhase.Pending : PluginPhase.Stopped });
            return;
        }

        var old = role.Instance;
        try
        {
            var installed = Replacement(role, slot, old);
            if (PluginSwap.RunsBeside(installed.Manifest))
            {
                var instance = await StageAsync(role, slot, installed, cancellationToken);
                Install(role, instance, old);
                await EndAsync(role, old, StopReason.Replaced);
            }
            else
            {
                await ExchangeAsync(role, before, slot, installed, cancellationToken);
            }

            _log.Swapped(role.Name, $"{old.Identity.Id} {old.Identity.Version}", $"{role.Instance!.Identity.Id} {role.Instance.Identity.Version}");
        }
        catch (PluginStepException e)
        {
            Keep(role, e.Reason, e.Message);
        }
    }

    private InstalledPlugin Replacement(PluginRole role, PluginSlot slot, PluginInstance old)
    {
        var installed = Find(slot.Plugin, slot.Version);
        if (PluginSwap.Refusal(old.Manifest, installed.Manifest) is { } refusal)
        {
            throw new PluginStepException(refusal.Reason, refusal.Message);
        }

        return Graph(role, installed, out _).ProblemOf(role.Name) is { } problem
            ? throw new PluginStepException(problem.Reason, problem.Message)
            : installed;
    }

    private InstalledPlugin Find(string plugin, string version)
    {
        try
        {
            return _options.Catalog.Find(plugin, version);
        }
        catch (PluginLoadException e)
        {
            throw new PluginStepException(e.Reason, e.Message, e);
        }
        catch (PluginManifestException e)
        {
            throw new PluginStepException("BadManifest", e.Message, e);
        }
    }

    /// <summary>For plugins that cannot run twice: the old ends before the new begins, and comes back if the new fails.</summary>
    private async Task ExchangeAsync(PluginRole role, PluginSlot before, PluginSlot slot, InstalledPlugin installed, CancellationToken cancellationToken)
    {
        var old = role.Instance!;
        // Looked up while the old one still runs: one that could not come back is not ended.
        var oldInstalled = Find(old.Identity.Id, old.Identity.Version);
        await EndAsync(role, StopReason.Replaced);
        try
        {
            Install(role, await StageAsync(role, slot, installed, cancellationToken), old: null);
        }
        catch (PluginStepException)
        {
            try
            {
                Install(role, await StageAsync(role, before, oldInstalled, cancellationToken), old: null);
            }
            catch (PluginStepException again)
            {
                Fail(role, PluginConditions.Ready, again.Reason, again.Message);
            }

            throw;
        }
    }

    private void Keep(PluginRole role, string reason, string message)
    {
        _log.Failed(role.Name, reason, message);
        if (role.Instance is not { } kept)
        {
            return;
        }

        Grant(role.Name, kept.Manifest.Permissions);
        Update(role, s => s.With(PluginConditions.Degraded, true, reason, $"kept {kept.Identity.Id} {kept.Identity.Version}: {message}", _options.Time.GetUtcNow()));
    }

    private async Task EndAsync(PluginRole role, StopReason reason)
    {
        if (role.Instance is not { } instance)
        {
            return;
        }

        Update(role, s => s with { Phase = PluginPhase.Stopping });
        Contracts.Switch(instance.Leases, []);
        role.Instance = null;
        await EndAsync(role, instance, reason);
        Grant(role.Name, []);
        Update(role, s => (s with { Phase = PluginPhase.Stopped })
            .With(PluginConditions.Ready, false, "Stopped", "", _options.Time.GetUtcNow()));
    }

    private async Task EndAsync(PluginRole role, PluginInstance instance, StopReason reason)
    {
        try
        {
            await instance.Leases.DrainAsync().WaitAsync(_options.DrainTimeout, _options.Time);
        }
        catch (TimeoutException)
        {
            Report(role, [$"{instance.Leases.Held} calls in {instance.Identity.Id} {instance.Identity.Version} went on after {_options.DrainTimeout.TotalSeconds:0.#} s and were abandoned"]);
        }

        var (problems, unloaded) = await instance.EndAsync(reason);
        Report(role, problems);
        if (unloaded is { } gone)
        {
            Update(role, s => s.With(PluginConditions.Unloaded, gone, gone ? "Unloaded" : "StillReferenced",
                gone ? "" : $"something still refers to {instance.Identity.Id} {instance.Identity.Version}; its memory is kept", _options.Time.GetUtcNow()));
        }

        _log.Stopped(role.Name, instance.Identity.Id, instance.Identity.Version, reason);
    }

    private void Report(PluginRole role, IReadOnlyList<string> problems)
    {
        foreach (var problem in problems)
        {
            _log.EndedBadly(role.Name, problem);
        }
    }

    private void Refuse(PluginRole role, PluginProblem problem)
    {
        if (problem.BlockedBy.Length == 0)
        {
            Fail(role, PluginConditions.Resolved, problem.Reason, problem.Message);
            return;
        }

        var now = _options.Time.GetUtcNow();
        Update(role, s => (s with { Phase = PluginPhase.Pending })
            .With(PluginConditions.Blocked, true, problem.Reason, problem.Message, now)
            .With(PluginConditions.Ready, false, "Blocked", "", now));
    }

    private void Fail(PluginRole role, string condition, string reason, string message)
    {
        if (role.Status.Phase == PluginPhase.Failed && role.Status.Condition(condition) is { } same && same.Message == message)
        {
            return;
        }

        _log.Failed(role.Name, reason, message);
        var now = _options.Time.GetUtcNow();
        Update(role, s => (s with { Phase = PluginPhase.Failed, Plugin = role.Slot.Plugin, Version = role.Slot.Version })
            .With(PluginConditions.Ready, false, reason, message, now)
            .With(condition, false, reason, message, now));
    }

    /// <summary>Says of running plugins whether something they need went away.</summary>
    private void MarkBlocked()
    {
        foreach (var role in _roles.Where(r => r.Instance is not null))
        {
            var missing = role.Instance!.Manifest.Requires.FirstOrDefault(r => !r.Optional && !Contracts.IsProvided(r.Contract));
            var now = _options.Time.GetUtcNow();
            Update(role, s => missing is null
                ? s.With(PluginConditions.Blocked, false, "NotBlocked", "", now)
                : s.With(PluginConditions.Blocked, true, "ProviderStopped", $"nobody provides {missing.Contract} now", now));
        }
    }

    private void SetReady(PluginRole role, PluginIdentity identity, bool ready, string reason, string message)
    {
        role.SetReady(identity, ready, reason, message);
        if (role.Instance?.Identity == identity)
        {
            Update(role, s => s.With(
                PluginConditions.Ready, ready, reason.Length > 0 ? reason : ready ? "Ready" : "NotReady", message, _options.Time.GetUtcNow()));
        }
    }

    private void Grant(string name, IReadOnlyList<PluginPermission> permissions)
    {
        var user = PluginUser.Of(name).Name;
        if (permissions.Count == 0)
        {
            _options.Permissions.Unregister(user);
            return;
        }

        _options.Permissions.Register(
            user, [.. permissions.Select(p => new PermissionRule { ApiGroups = p.ApiGroups, Resources = p.Resources, Verbs = p.Verbs })]);
    }

    private void Update(PluginRole role, Func<PluginStatus, PluginStatus> change)
    {
        lock (_statusLock)
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

    private void Signal()
    {
        TaskCompletionSource changed;
        lock (_statusLock)
        {
            _generation++;
            changed = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }
}
