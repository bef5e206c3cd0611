using Microsoft.Extensions.Logging;
using Modular.PluginLoader;

namespace Modular.Kernel.Plugins;

/// <summary>Moves instances into roles and out of them: loads and starts one, hands it its callers and rights, drains and ends it. One caller at a time.</summary>
/// <param name="options">What the host has.</param>
/// <param name="roles">The roles.</param>
/// <param name="log">Where to log.</param>
/// <param name="reject">Called from outside all steps when a candidate's trial has failed.</param>
internal sealed class PluginLifecycle(PluginHostOptions options, PluginRoles roles, ILogger log, Action<PluginRole, PluginIdentity, TrialFailure> reject)
{
    private readonly PluginEpochs _epochs = new(options.DataDirectory);
    private long _starts;

    /// <summary>Loads a new instance; no code of the plugin runs yet.</summary>
    /// <exception cref="PluginStepException">It can't be loaded, and why.</exception>
    public PluginInstance Load(PluginRole role, PluginSlot slot, InstalledPlugin installed)
    {
        var identity = new PluginIdentity(
            role.Name, installed.Manifest.Id, installed.Manifest.Version.ToNormalizedString(), _epochs.Next(role.Name));
        try
        {
            return PluginInstance.Load(
                identity, installed, slot, role.Order, options.Contracts, options,
                (ready, reason, message) => roles.ShowReady(role, identity, ready, reason, message),
                new TrialObserver(report => roles.ShowTrial(role, identity, report), failure => reject(role, identity, failure)));
        }
        catch (PluginLoadException e)
        {
            throw new PluginStepException(e.Reason, e.Message, e);
        }
    }

    /// <summary>Brings a loaded instance up to running, beside whatever runs; unwinds it if that fails.</summary>
    /// <exception cref="PluginStepException">It does not run, and why.</exception>
    public async Task<PluginInstance> StageAsync(PluginRole role, PluginInstance instance, CancellationToken cancellationToken)
    {
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
            Grant(role.Name, role.Instance?.Manifest.Permissions ?? []);
            if (e is PluginLoadException load)
            {
                throw new PluginStepException(load.Reason, load.Message, load);
            }

            throw;
        }
    }

    /// <summary>Gives a role to a staged instance: from now on calls go there.</summary>
    public void Install(PluginRole role, PluginInstance instance, PluginInstance? old)
    {
        options.Contracts.Switch(old?.Leases, instance.Provided);
        role.Instance = instance;
        role.StartNumber = ++_starts;
        Grant(role.Name, instance.Manifest.Permissions);
        roles.ShowRunning(role, instance);
    }

    /// <summary>Takes the role from whoever fills it.</summary>
    public async Task EmptyAsync(PluginRole role, StopReason reason)
    {
        if (role.Instance is not { } instance)
        {
            return;
        }

        roles.Update(role, s => s with { Phase = PluginPhase.Stopping });
        options.Contracts.Switch(instance.Leases, []);
        role.Instance = null;
        await EndAsync(role, instance, reason);
        Grant(role.Name, []);
        roles.ShowStopped(role);
    }

    /// <summary>
    /// Takes the role from an instance that lingers, and ends its work; the calls in it go on. Its rights stay until another has the role, or the role is empty.
    /// </summary>
    public async Task RetireAsync(PluginRole role, PluginInstance instance)
    {
        roles.Update(role, s => s with { Phase = PluginPhase.Stopping });
        options.Contracts.Switch(instance.Leases, []);
        role.Instance = null;
        Report(role, await instance.StopAsync(StopReason.Replaced));
    }

    /// <summary>Waits for the calls in an instance that nobody finds any more, then stops it.</summary>
    public async Task EndAsync(PluginRole role, PluginInstance instance, StopReason reason)
    {
        if (reason != StopReason.Replaced || !instance.Lingers)
        {
            await DrainAsync(role, instance);
        }

        var (problems, unloaded) = await instance.EndAsync(reason);
        Report(role, problems);
        if (unloaded is { } gone)
        {
            roles.ShowUnloaded(role, instance.Identity, gone);
        }

        log.Stopped(role.Name, instance.Identity.Id, instance.Identity.Version, reason);
    }

    private async Task DrainAsync(PluginRole role, PluginInstance instance)
    {
        try
        {
            await instance.Leases.DrainAsync().WaitAsync(options.DrainTimeout, options.Time);
        }
        catch (TimeoutException)
        {
            Report(role, [$"{instance.Leases.Held} calls in {instance.Identity.Id} {instance.Identity.Version} went on after {options.DrainTimeout.TotalSeconds:0.#} s and were abandoned"]);
        }
    }

    private void Report(PluginRole role, IReadOnlyList<string> problems)
    {
        foreach (var problem in problems)
        {
            log.EndedBadly(role.Name, problem);
        }
    }

    /// <summary>Gives the user of a role these rights instead of those it had.</summary>
    public void Grant(string name, IReadOnlyList<PluginPermission> permissions)
    {
        var user = PluginUser.Of(name).Name;
        if (permissions.Count == 0)
        {
            options.Permissions.Unregister(user);
            return;
        }

        options.Permissions.Register(
            user, [.. permissions.Select(p => new PermissionRule { ApiGroups = p.ApiGroups, Resources = p.Resources, Verbs = p.Verbs })]);
    }
}
