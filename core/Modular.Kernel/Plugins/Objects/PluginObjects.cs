using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;

namespace Modular.Kernel.Plugins;

/// <summary>
/// Keeps the host and the Plugin objects in step: the distribution file makes the objects once, from then on a change of an object is
/// carried out, and what became of it is written to its status. Roles the API itself needs are filled as the file says until there is an API, and
/// can't be emptied; the store's is ruled by the file for good, and its object follows it. Of several host processes each fills the roles that are its own, and the first, which has no name, makes the objects.
/// </summary>
/// <param name="host">Fills the roles.</param>
/// <param name="api">Where the objects are.</param>
/// <param name="distribution">What the file says.</param>
/// <param name="fileIsNew">Whether the file was named for this start: then the roles that the API itself needs are filled as it says, which helps out whoever locked himself out.</param>
/// <param name="hostName">This host process, as the objects name it.</param>
/// <param name="node">The node, for statuses.</param>
/// <param name="log">Where to log.</param>
public sealed class PluginObjects(PluginHost host, IApiClient api, Distribution distribution, bool fileIsNew, string hostName, string node, ILoggerFactory log)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly ILogger _log = log.CreateLogger("plugins");
    private readonly ConcurrentDictionary<string, (PluginStatus Status, long Generation)> _written = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _observed = new(StringComparer.Ordinal);
    private TaskCompletionSource _observedMore = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>
    /// Makes missing objects (all of them on a cluster's first start) and starts the roles they describe. The API must serve.
    /// </summary>
    /// <param name="whenApiIsWhole">Called once everything that the API is made of has been started, before the rest.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public async Task StartAsync(Func<CancellationToken, Task> whenApiIsWhole, CancellationToken cancellationToken)
    {
        var objects = (await api.ListAsync(new ResourceScope(PluginKind.Resource), cancellationToken)).Items;
        var slots = objects.Select(obj => PluginObjectFormat.ToSlot(obj, distribution)).ToDictionary(s => s.Name, StringComparer.Ordinal);
        var kept = objects.Select(obj => PluginObjectFormat.ToKept(obj, distribution)).OfType<PluginSlot>().ToDictionary(s => s.Name, StringComparer.Ordinal);
        var bootstrap = hostName.Length == 0 ? distribution.Slots.Where(host.IsBootstrap).ToList() : [];
        if (hostName.Length == 0 && !bootstrap.Exists(slot => slots.ContainsKey(slot.Name)))
        {
            // The bootstrap objects come last: once one is there, a first start has made all the others, wherever it was killed.
            foreach (var slot in distribution.Slots.Where(slot => !bootstrap.Contains(slot) && !slots.ContainsKey(slot.Name)))
            {
                await api.CreateAsync(PluginKind.Resource, "", PluginObjectFormat.ToObject(slot), cancellationToken);
                slots[slot.Name] = slot;
            }
        }

        foreach (var slot in bootstrap)
        {
            var wish = slots.GetValueOrDefault(slot.Name);
            if (fileIsNew || host.IsRuledByFile(slot) || wish is null || IsEmptied(wish))
            {
                await FollowAsync(slot, wish, cancellationToken);
                slots[slot.Name] = slot;
                kept.Remove(slot.Name);
            }
        }

        foreach (var slot in slots.Values.Where(slot => slot.Host != hostName))
        {
            host.GrantElsewhere(slot);
        }

        // A wish that was refused comes after the start, as the exchange that it is: if it is refused again, what was kept runs on.
        var own = InOrder(slots.Values.Where(slot => slot.Host == hostName).Select(slot => slot.Enabled ? kept.GetValueOrDefault(slot.Name, slot) : slot));
        await host.StartAsync([.. own.Where(host.IsPartOfApi)], cancellationToken);
        foreach (var slot in own.Where(slot => bootstrap.Exists(b => b.Name == slot.Name)))
        {
            // It runs as the file says.
            await host.ApplyAsync(slot, cancellationToken);
        }

        await whenApiIsWhole(cancellationToken);
        await host.StartAsync(own, cancellationToken);
        // Whoever was told that the host has started sees what has become of the roles, and not what was there before.
        await WriteChangedAsync(cancellationToken);
    }

    /// <summary>Carries out changes and writes statuses until it is cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(CarryOutAsync(cancellationToken), WriteStatusesAsync(cancellationToken));

    private List<PluginSlot> InOrder(IEnumerable<PluginSlot> slots)
    {
        var order = distribution.Slots.Select((slot, index) => (slot.Name, index)).ToDictionary(x => x.Name, x => x.index, StringComparer.Ordinal);
        return
        [
            .. slots.OrderBy(s => order.GetValueOrDefault(s.Name, int.MaxValue)).ThenBy(s => s.Name, StringComparer.Ordinal),
        ];
    }

    private async Task CarryOutAsync(CancellationToken cancellationToken)
    {
        await using var informer = await api.OpenInformerAsync(new ResourceScope(PluginKind.Resource), cancellationToken);
        await foreach (var change in informer.ReadEventsAsync(cancellationToken))
        {
            if (change.Type == WatchEventType.Bookmark)
            {
                continue;
            }

            try
            {
                await CarryOutAsync(change, cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                _log.ReconcileFailed(change.Object.Metadata.Name, e.Message);
            }
        }
    }

    private async Task CarryOutAsync(WatchEvent change, CancellationToken cancellationToken)
    {
        var slot = PluginObjectFormat.ToSlot(change.Object, distribution);
        var isGone = change.Type == WatchEventType.Deleted;
        if (Ruling(slot.Name) is { } ruling && (isGone || IsEmptied(slot) || host.IsRuledByFile(ruling)))
        {
            if (isGone || !ruling.AsksForSame(slot))
            {
                await FollowAsync(ruling, isGone ? null : slot, cancellationToken);
            }
            else if (host.Statuses.FirstOrDefault(s => s.Name == slot.Name) is { } status)
            {
                Observe(status, change.Object.Metadata.Generation);
            }
        }
        else if (isGone || slot.Host != hostName)
        {
            Forget(slot.Name);
            await host.RemoveAsync(slot.Name, cancellationToken);
            host.GrantElsewhere(isGone ? slot with { Enabled = false } : slot);
        }
        else
        {
            var status = await host.ApplyAsync(slot, cancellationToken);
            Observe(status, change.Object.Metadata.Generation);
        }
    }

    // Whoever changed the spec waits for its generation to be observed, whether the change was carried out or refused.
    private void Observe(PluginStatus status, long generation)
    {
        if (_observed.GetValueOrDefault(status.Name) != generation)
        {
            _observed[status.Name] = generation;
            Interlocked.Exchange(ref _observedMore, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        }
    }

    // The next object of that name begins anew, its generations too.
    private void Forget(string name)
    {
        _written.TryRemove(name, out _);
        _observed.TryRemove(name, out _);
    }

    private bool IsEmptied(PluginSlot slot) => !slot.Enabled || slot.Host != hostName || slot.Trial is not null;

    /// <summary>How the role is to be filled in any case, if the API needs it: as it is now, and with a store as the file says.</summary>
    private PluginSlot? Ruling(string name)
    {
        if (hostName.Length > 0 || distribution.Slots.FirstOrDefault(s => s.Name == name) is not { } slot || !host.IsBootstrap(slot))
        {
            return null;
        }

        return host.IsRuledByFile(slot) ? slot : host.Statuses.FirstOrDefault(s => s.Name == name)?.Slot ?? slot;
    }

    private async Task FollowAsync(PluginSlot ruling, PluginSlot? now, CancellationToken cancellationToken)
    {
        if (now is null)
        {
            Forget(ruling.Name);
            await api.CreateAsync(PluginKind.Resource, "", PluginObjectFormat.ToObject(ruling), cancellationToken);
        }
        else if (!ruling.AsksForSame(now))
        {
            var name = new ResourceName(PluginKind.Resource, "", ruling.Name);
            JsonArray replacement = [new JsonObject { ["op"] = "replace", ["path"] = "/spec", ["value"] = PluginObjectFormat.ToSpec(ruling) }];
            await api.PatchAsync(name, PatchType.Json, replacement, "", cancellationToken);
        }
    }

    // Nobody else writes them: what is written last has to be the latest.
    private async Task WriteStatusesAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var observedMore = Volatile.Read(ref _observedMore).Task;
            var change = host.WaitForChangeAsync(host.Generation, cancellationToken);
            var allWritten = await WriteChangedAsync(cancellationToken);
            await (allWritten ? Task.WhenAny(change, observedMore) : Task.WhenAny(change, observedMore, Task.Delay(RetryDelay, cancellationToken)));
        }
    }

    /// <returns>False if one could not be written.</returns>
    private async Task<bool> WriteChangedAsync(CancellationToken cancellationToken)
    {
        // Before the statuses: one that says what is observed has what became of it.
        var observed = new Dictionary<string, long>(_observed, StringComparer.Ordinal);
        var allWritten = true;
        foreach (var status in host.Statuses)
        {
            var generation = observed.GetValueOrDefault(status.Name);
            if (!_written.TryGetValue(status.Name, out var written) || !ReferenceEquals(written.Status, status) || written.Generation != generation)
            {
                allWritten &= await WriteAsync(status, generation, cancellationToken);
            }
        }

        return allWritten;
    }

    // A candidate that was rolled back stays so, over restarts too, until somebody enables it: unless it was just asked for something else.
    private async Task<bool> DisableAsync(PluginStatus status, CancellationToken cancellationToken)
    {
        if (!_observed.TryGetValue(status.Name, out var generation))
        {
            return false;
        }

        JsonArray disable =
        [
            new JsonObject { ["op"] = "test", ["path"] = "/metadata/generation", ["value"] = generation },
            new JsonObject { ["op"] = "replace", ["path"] = "/spec/enabled", ["value"] = false },
        ];
        try
        {
            await api.PatchAsync(new ResourceName(PluginKind.Resource, "", status.Name), PatchType.Json, disable, "", cancellationToken);
        }
        catch (ApiException changed) when (changed.Reason == StatusReason.Invalid)
        {
            // What it was changed to is carried out.
        }

        return true;
    }

    private async Task<bool> WriteAsync(PluginStatus status, long generation, CancellationToken cancellationToken)
    {
        var name = new ResourceName(PluginKind.Resource, "", status.Name);
        try
        {
            var patch = new JsonObject { ["status"] = PluginObjectFormat.ToStatus(status, node, generation) };
            await api.PatchAsync(name, PatchType.Merge, patch, "status", cancellationToken);
            if (status.IsRolledBack && status.Slot.Enabled && !await DisableAsync(status, cancellationToken))
            {
                return false;
            }

            _written[status.Name] = (status, generation);
            return true;
        }
        catch (ApiException gone) when (gone.Reason == StatusReason.NotFound)
        {
            // The object was deleted; its role goes when the event is read.
            _written[status.Name] = (status, generation);
            return true;
        }
        catch (ApiException e)
        {
            _log.ReconcileFailed(status.Name, e.Message);
            return false;
        }
    }
}
