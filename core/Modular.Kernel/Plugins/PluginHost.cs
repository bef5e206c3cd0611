using System.Collections.Immutable;
using System.Diagnostics;
using System.Reflection;
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
    private readonly PluginRoles _roles;
    private readonly PluginLifecycle _lifecycle;
    private readonly SemaphoreSlim _changing = new(1, 1);
    private Task _rejecting = Task.CompletedTask;
    private bool _stopped;

    public PluginHost(PluginHostOptions options)
    {
        _options = options;
        _log = options.Log.CreateLogger("plugins");
        _roles = new PluginRoles(options.Time, _log);
        _lifecycle = new PluginLifecycle(options, _roles, _log, Reject);
    }

    /// <summary>Who provides what; the kernel takes its own handles here.</summary>
    public ContractRegistry Contracts => _options.Contracts;

    /// <summary>All roles, in order. A snapshot.</summary>
    public IReadOnlyList<PluginStatus> Statuses => _roles.Statuses;

    /// <summary>Changes with every status.</summary>
    public long Generation => _roles.Generation;

    /// <summary>Completes when a status changed since that generation.</summary>
    public Task WaitForChangeAsync(long generation, CancellationToken cancellationToken) =>
        _roles.WaitForChangeAsync(generation, cancellationToken);

    /// <summary>Whether the API is made of what provides a contract.</summary>
    public static bool IsPartOfApi(string contract) => ApiContracts.Contains(contract);

    /// <summary>Whether a role is filled as the distribution file says before there is an API, because the API needs it to start.</summary>
    public bool IsBootstrap(PluginSlot slot) => IsPartOfApi(slot, withRights: false);

    /// <summary>Whether the distribution file alone says who fills a role: where the objects are, they can't say themselves.</summary>
    public bool IsRuledByFile(PluginSlot slot) => IsBootstrap(slot) && _options.Catalog.Find(slot.Plugin, slot.Version).Manifest.Provides.Any(p => p.Contract == "modular.store");

    /// <summary>Whether the API is made of what fills a role: without it, kinds, users or rules are missing.</summary>
    public bool IsPartOfApi(PluginSlot slot) => IsPartOfApi(slot, withRights: true);

    /// <summary>Who needs whom, among the enabled roles of a distribution.</summary>
    /// <exception cref="PluginLoadException">A plugin is not installed.</exception>
    /// <exception cref="PluginManifestException">A manifest is wrong.</exception>
    public PluginGraph Resolve(IEnumerable<PluginSlot> slots) => PluginGraph.Resolve(
        [.. slots.Where(s => s.Enabled).Select(s => new PluginNode(s.Name, _options.Catalog.Find(s.Plugin, s.Version).Manifest, s.Trial))],
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
            if (_roles.Find(slot.Name) is not { } role)
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
            _roles.ShowBlocked(Contracts);
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
            if (_roles.Find(name) is { } role)
            {
                await _lifecycle.EmptyAsync(role, StopReason.Removed);
                _roles.Remove(role);
                _roles.ShowBlocked(Contracts);
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Gives a plugin that another host process runs the rights its manifest asks for; one that is not installed gets none.</summary>
    public void GrantElsewhere(PluginSlot slot)
    {
        try
        {
            _lifecycle.Grant(slot.Name, slot.Enabled ? _options.Catalog.Find(slot.Plugin, slot.Version).Manifest.Permissions : []);
        }
        catch (Exception e) when (e is PluginLoadException or PluginManifestException)
        {
            _lifecycle.Grant(slot.Name, []);
        }
    }

    /// <summary>
    /// Takes an exception that nobody handled and that is about to end the process. If the work it came from was begun by a plugin, only that work
    /// is lost, and the plugin's role shows it.
    /// </summary>
    /// <returns>False if it is not a plugin's, so that the process has to end.</returns>
    public bool Contains(Exception exception)
    {
        if (Origin(exception) is not { } origin)
        {
            return false;
        }

        foreach (var role in _roles.Running)
        {
            if (role.Instance is { } instance && instance.Owns(origin))
            {
                _roles.ShowStray(role, instance.Identity, exception);
                return true;
            }
        }

        return false;
    }

    /// <summary>Stops the plugins that live on the API, those that need others before those others. What the API is made of goes on.</summary>
    public Task StopApiUsersAsync(StopReason reason) => StopAsync(role => !role.Status.Bootstrap, reason);

    /// <summary>Stops all plugins, those that need others before those others.</summary>
    public Task StopAsync(StopReason reason) => StopAsync(_ => true, reason);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await StopAsync(StopReason.Shutdown);
        await _rejecting;
        _changing.Dispose();
    }

    private bool IsPartOfApi(PluginSlot slot, bool withRights)
    {
        try
        {
            var manifest = _options.Catalog.Find(slot.Plugin, slot.Version).Manifest;
            return (withRights || manifest.Permissions.Count == 0) && manifest.Provides.Any(p => IsPartOfApi(p.Contract));
        }
        catch (Exception e) when (e is PluginLoadException or PluginManifestException)
        {
            return false;
        }
    }

    private async Task StopAsync(Func<PluginRole, bool> which, StopReason reason)
    {
        await _changing.WaitAsync();
        try
        {
            _stopped = true;
            foreach (var role in _roles.All.Where(r => r.Instance is not null && which(r)).OrderByDescending(r => r.StartNumber).ToList())
            {
                await _lifecycle.EmptyAsync(role, reason);
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Takes a candidate whose trial has failed out of its role. Whoever says so is in the middle of something and does not wait.</summary>
    private void Reject(PluginRole role, PluginIdentity candidate, TrialFailure failure)
    {
        lock (_roles)
        {
            _rejecting = Task.WhenAll(_rejecting, Task.Run(() => RejectAsync(role, candidate, failure)));
        }
    }

    private async Task RejectAsync(PluginRole role, PluginIdentity candidate, TrialFailure failure)
    {
        await _changing.WaitAsync();
        try
        {
            if (role.Instance?.Identity == candidate)
            {
                await _lifecycle.EmptyAsync(role, StopReason.Failed);
                _roles.ShowRejected(role, failure);
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>The assembly whose code began what failed: the outermost one that is not the framework's.</summary>
    private static Assembly? Origin(Exception exception)
    {
        var frames = new StackTrace(exception).GetFrames();
        for (var i = frames.Length - 1; i >= 0; i--)
        {
            if (frames[i].GetMethod()?.Module.Assembly is { } assembly && !IsFramework(assembly))
            {
                return assembly;
            }
        }

        return null;
    }

    private static bool IsFramework(Assembly assembly) =>
        assembly.GetName().Name is { } name && (name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("Microsoft.", StringComparison.Ordinal));

    private HashSet<string> ProvidedByHost()
    {
        var pluginContracts = _roles.All.Where(r => r.Instance is not null)
            .SelectMany(r => r.Instance!.Manifest.Provides).Select(p => p.Contract).ToHashSet(StringComparer.Ordinal);
        return [.. ContractCatalog.Names.Where(c => Contracts.IsProvided(c) && !pluginContracts.Contains(c))];
    }

    private PluginRole Add(PluginSlot slot)
    {
        if (_roles.Find(slot.Name) is { } known)
        {
            // Whatever instance it asks for, the one that has just been started is new.
            if (known.Slot.BringsSame(slot) && slot.Enabled)
            {
                known.Slot = slot;
                _roles.Update(known, s => s with { Slot = slot });
            }

            return known;
        }

        var role = new PluginRole(slot, _roles.All.Count, IsBootstrap(slot));
        _roles.Add(role);
        return role;
    }

    private async Task StartPendingAsync(CancellationToken cancellationToken)
    {
        var graph = Graph(null, null, out var installed);
        foreach (var problem in graph.Problems)
        {
            if (_roles.Find(problem.Name) is { Instance: null } role)
            {
                _roles.ShowProblem(role, problem);
            }
        }

        foreach (var node in graph.Order)
        {
            var role = _roles.Find(node.Name)!;
            if (role.Instance is not null || role.Status.Phase == PluginPhase.Failed)
            {
                continue;
            }

            var failedProvider = graph.Needs(node.Name).FirstOrDefault(n => _roles.Find(n)!.Instance is null
                && !node.Manifest.Requires.Where(r => !r.Optional).All(r => Contracts.IsProvided(r.Contract)));
            if (failedProvider is not null)
            {
                _roles.ShowProblem(role, new PluginProblem(role.Name, "ProviderFailed", $"waits for {failedProvider}, which does not run", failedProvider));
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
        foreach (var role in _roles.All.OrderByDescending(r => r.Instance is not null).ThenBy(r => r.Order))
        {
            if (role == changed)
            {
                nodes.Add(new PluginNode(role.Name, replacement!.Manifest, role.Slot.Trial));
                continue;
            }

            if (role.Instance is { } instance)
            {
                nodes.Add(new PluginNode(role.Name, instance.Manifest, instance.Slot.Trial));
                continue;
            }

            if (!role.Slot.Enabled)
            {
                _roles.Update(role, s => s with { Phase = PluginPhase.Stopped });
                continue;
            }

            try
            {
                var found = _options.Catalog.Find(role.Slot.Plugin, role.Slot.Version);
                installed[role.Name] = found;
                nodes.Add(new PluginNode(role.Name, found.Manifest, role.Slot.Trial));
            }
            catch (PluginLoadException e)
            {
                _roles.ShowFailed(role, PluginConditions.Resolved, e.Reason, e.Message);
            }
            catch (PluginManifestException e)
            {
                _roles.ShowFailed(role, PluginConditions.Resolved, "BadManifest", e.Message);
            }
        }

        return PluginGraph.Resolve(nodes, ProvidedByHost());
    }

    private async Task StartAsync(PluginRole role, InstalledPlugin installed, CancellationToken cancellationToken)
    {
        try
        {
            var instance = await _lifecycle.StageAsync(role, _lifecycle.Load(role, role.Slot, installed), cancellationToken);
            _lifecycle.Install(role, instance, old: null);
            _log.Started(role.Name, instance.Identity.Id, instance.Identity.Version, instance.Identity.Epoch);
        }
        catch (PluginStepException e)
        {
            _roles.ShowFailed(role, e.Reason is "LoadFailed" ? PluginConditions.Loaded : PluginConditions.Ready, e.Reason, e.Message);
        }
    }

    private async Task ChangeAsync(PluginRole role, PluginSlot slot, CancellationToken cancellationToken)
    {
        role.Slot = slot;
        _roles.Update(role, s => s with { Slot = slot });
        if (role.Instance is null || !slot.Enabled)
        {
            await _lifecycle.EmptyAsync(role, StopReason.Removed);
            _roles.Update(role, s => s with { Phase = slot.Enabled ? PluginPhase.Pending : PluginPhase.Stopped, Kept = null });
            return;
        }

        var old = role.Instance;
        try
        {
            var installed = Replacement(role, slot, old);
            var instance = _lifecycle.Load(role, slot, installed);
            if (PluginSwap.RunsBeside(old.Manifest, installed.Manifest))
            {
                _lifecycle.Install(role, await _lifecycle.StageAsync(role, instance, cancellationToken), old);
                await _lifecycle.EndAsync(role, old, StopReason.Replaced);
            }
            else
            {
                await ExchangeAsync(role, instance, cancellationToken);
            }

            var replaced = old.Slot with { Version = old.Identity.Version };
            // Another instance of the same is no other state to go back to.
            if (!replaced.BringsSame(role.Instance!.Slot with { Version = role.Instance.Identity.Version }))
            {
                _roles.Update(role, s => s with { Previous = replaced });
            }

            _log.Swapped(role.Name, $"{old.Identity.Id} {old.Identity.Version}", $"{role.Instance!.Identity.Id} {role.Instance.Identity.Version}");
        }
        catch (PluginStepException e)
        {
            _roles.ShowKept(role, e.Reason, e.Message);
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
    private async Task ExchangeAsync(PluginRole role, PluginInstance instance, CancellationToken cancellationToken)
    {
        var old = role.Instance!;
        // Looked up while the old one still runs: one that could not come back is not ended.
        var oldInstalled = Find(old.Identity.Id, old.Identity.Version);
        var lingers = old.Lingers;
        if (lingers)
        {
            await _lifecycle.RetireAsync(role, old);
        }
        else
        {
            await _lifecycle.EmptyAsync(role, StopReason.Replaced);
        }

        try
        {
            _lifecycle.Install(role, await _lifecycle.StageAsync(role, instance, cancellationToken), old: null);
        }
        catch (PluginStepException)
        {
            try
            {
                _lifecycle.Install(role, await _lifecycle.StageAsync(role, _lifecycle.Load(role, old.Slot, oldInstalled), cancellationToken), old: null);
            }
            catch (PluginStepException again)
            {
                _roles.ShowFailed(role, PluginConditions.Ready, again.Reason, again.Message);
            }

            throw;
        }
        finally
        {
            if (lingers)
            {
                await _lifecycle.EndAsync(role, old, StopReason.Replaced);
            }
        }
    }
}
