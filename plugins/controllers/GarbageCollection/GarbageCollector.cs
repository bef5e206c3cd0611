using System.Globalization;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Toolkit;

namespace Modular.Plugins.Controllers.GarbageCollection;

/// <summary>
/// Deletes objects whose owners are gone, and carries out foreground and orphaning deletion. Watches every kind that can be deleted;
/// events of objects build the graph of owners.
/// </summary>
internal sealed class GarbageCollector : IController
{
    private const string Foreground = "foregroundDeletion";
    private const string Orphan = "orphan";

    // An owner that only the API knows may go before the cache has shown it; then nothing else wakes what belongs to it.
    private static readonly TimeSpan UnseenOwner = TimeSpan.FromSeconds(5);

    private readonly IApiClient _api;
    private readonly ResourceKeys _keys;
    private readonly OwnerGraph _graph = new();
    private IReadOnlyList<IInformer> _informers = [];

    private GarbageCollector(IApiClient api, ResourceKeys keys)
    {
        _api = api;
        _keys = keys;
        Sources = [.. keys.Resources.Select((r, i) => new ControllerSource(new ResourceScope(r.Resource), obj => Concerned(i, obj)))];
    }

    private enum OwnerStanding
    {
        Absent,
        Waiting,
        Unseen,
        Solid,
    }

    public string Name => "garbage-collector";

    public IReadOnlyList<ControllerSource> Sources { get; }

    public int Workers => 8;

    /// <summary>A collector for the kinds that are served now.</summary>
    public static async ValueTask<GarbageCollector> CreateAsync(IApiClient api, CancellationToken cancellationToken)
    {
        var served = await api.GetResourcesAsync(cancellationToken).ConfigureAwait(false);
        var collected = served.Where(static r =>
            !r.Resource.Resource.Contains('/', StringComparison.Ordinal)
            && r.Resource.Resource != "events"
            && r.Verbs.Contains("list") && r.Verbs.Contains("watch") && r.Verbs.Contains("delete"));
        return new GarbageCollector(api, new ResourceKeys([.. collected]));
    }

    public ValueTask StartAsync(IReadOnlyList<IInformer> informers, CancellationToken cancellationToken)
    {
        _informers = informers;
        return ValueTask.CompletedTask;
    }

    public async ValueTask<TimeSpan?> ReconcileAsync(ObjectName key, CancellationToken cancellationToken)
    {
        var (index, ns) = ResourceKeys.Split(key);
        if (_informers[index].Get(ns, key.Name) is not { } obj)
        {
            return null;
        }

        try
        {
            var meta = obj.Metadata;
            if (meta.DeletionTimestamp is null)
            {
                if (meta.OwnerReferences.Count > 0)
                {
                    return await CollectAsync(index, obj, null, cancellationToken).ConfigureAwait(false);
                }
            }
            else if (meta.Finalizers.Contains(Orphan))
            {
                await OrphanDependentsAsync(obj, cancellationToken).ConfigureAwait(false);
                await OwnerReferences.RemoveFinalizerAsync(_api, Resource(index), obj, Orphan, cancellationToken).ConfigureAwait(false);
            }
            else if (meta.Finalizers.Contains(Foreground))
            {
                await DeleteDependentsAsync(index, obj, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (ApiException error) when (error.Reason == StatusReason.NotFound)
        {
            // Somebody else was faster.
        }

        return null;
    }

    private GroupVersionResource Resource(int index) => _keys.Resources[index].Resource;

    /// <summary>Keeps the graph and says whom a change of an object concerns.</summary>
    private List<ObjectName> Concerned(int index, ApiObject obj)
    {
        var meta = obj.Metadata;
        var key = ResourceKeys.Key(index, obj.Name);
        var keys = new List<ObjectName> { key };
        var current = _informers.Count > index ? _informers[index].Get(meta.Namespace, meta.Name) : obj;
        if (current is null || current.Metadata.Uid != meta.Uid)
        {
            _graph.Remove(meta.Uid);
            AddDependents(meta.Uid, keys);
        }
        else
        {
            _graph.Put(key, current);
            if (current.Metadata.DeletionTimestamp is not null)
            {
                AddDependents(meta.Uid, keys);
            }
        }

        foreach (var owner in meta.OwnerReferences)
        {
            if (_graph.Find(owner.Uid) is { } node)
            {
                keys.Add(node.Key);
            }
        }

        return keys;
    }

    private void AddDependents(string uid, List<ObjectName> keys)
    {
        foreach (var dependent in _graph.Dependents(uid))
        {
            keys.Add(dependent.Key);
        }
    }

    /// <summary>Decides about an object with owners: it stays while one of them does.</summary>
    /// <param name="index">The object's kind.</param>
    /// <param name="obj">The object.</param>
    /// <param name="dependents">Who belongs to whom as the API has it; null leaves what an owner waits for to that owner, which asks.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>When to look again; null if an event will tell.</returns>
    private async ValueTask<TimeSpan?> CollectAsync(
        int index, ApiObject obj, ILookup<string, (int Index, ApiObject Object)>? dependents, CancellationToken cancellationToken)
    {
        var solid = new List<OwnerReference>();
        var (ownerWaits, isUnseen) = (false, false);
        foreach (var owner in obj.Metadata.OwnerReferences)
        {
            var standing = await StandingAsync(obj, owner, cancellationToken).ConfigureAwait(false);
            ownerWaits |= standing == OwnerStanding.Waiting;
            isUnseen |= standing == OwnerStanding.Unseen;
            if (standing is OwnerStanding.Solid or OwnerStanding.Unseen)
            {
                solid.Add(owner);
            }
        }

        if (solid.Count == 0 && ownerWaits && dependents is null)
        {
            return null;
        }

        if (solid.Count == 0)
        {
            var policy = obj.Metadata.Finalizers.Contains(Orphan) ? "Orphan"
                : obj.Metadata.Finalizers.Contains(Foreground) || (dependents?.Contains(obj.Metadata.Uid) ?? false) ? "Foreground"
                : "Background";
            await DeleteAsync(index, obj, policy, cancellationToken).ConfigureAwait(false);
        }
        else if (solid.Count < obj.Metadata.OwnerReferences.Count)
        {
            await OwnerReferences.SetAsync(_api, Resource(index), obj, solid, cancellationToken).ConfigureAwait(false);
        }

        return isUnseen ? UnseenOwner : null;
    }

    private async ValueTask<OwnerStanding> StandingAsync(ApiObject obj, OwnerReference owner, CancellationToken cancellationToken)
    {
        if (_graph.Find(owner.Uid) is { } node)
        {
            var (index, ns) = ResourceKeys.Split(node.Key);
            if (_informers[index].Get(ns, node.Key.Name) is { } known && known.Metadata.Uid == owner.Uid)
            {
                return Standing(known);
            }
        }

        // An owner of a kind that is not served cannot be asked for; nobody may say that it is gone.
        if (_keys.Find(owner.ApiVersion, owner.Kind) is not { } resource)
        {
            return OwnerStanding.Solid;
        }

        try
        {
            // The cache may lag behind a new owner; only the API knows that there is none.
            var name = new ResourceName(resource.Resource, resource.Namespaced ? obj.Metadata.Namespace : "", owner.Name);
            var found = await _api.GetAsync(name, cancellationToken).ConfigureAwait(false);
            return found.Metadata.Uid != owner.Uid ? OwnerStanding.Absent
                : Standing(found) is OwnerStanding.Waiting ? OwnerStanding.Waiting
                : OwnerStanding.Unseen;
        }
        catch (ApiException error) when (error.Reason == StatusReason.NotFound)
        {
            return OwnerStanding.Absent;
        }
    }

    private static OwnerStanding Standing(ApiObject owner) =>
        owner.Metadata.DeletionTimestamp is not null && owner.Metadata.Finalizers.Contains(Foreground) ? OwnerStanding.Waiting : OwnerStanding.Solid;

    private async ValueTask OrphanDependentsAsync(ApiObject owner, CancellationToken cancellationToken)
    {
        var dependents = await ListDependentsAsync(owner, cancellationToken).ConfigureAwait(false);
        foreach (var (index, dependent) in dependents[owner.Metadata.Uid])
        {
            var kept = dependent.Metadata.OwnerReferences.Where(o => o.Uid != owner.Metadata.Uid);
            try
            {
                await OwnerReferences.SetAsync(_api, Resource(index), dependent, kept, cancellationToken).ConfigureAwait(false);
            }
            catch (ApiException error) when (error.Reason == StatusReason.NotFound)
            {
                // A dependent that is gone needs no new owners.
            }
        }
    }

    /// <summary>Deletes what belongs to the object, then lets it go once nothing that blocks it is left.</summary>
    private async ValueTask DeleteDependentsAsync(int ownerIndex, ApiObject owner, CancellationToken cancellationToken)
    {
        var blocked = false;
        ILookup<string, (int Index, ApiObject Object)>? listed = null;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, dependent) in Dependents(owner))
        {
            var meta = dependent.Metadata;
            seen.Add(meta.Uid);
            if (meta.DeletionTimestamp is null)
            {
                listed ??= await ListDependentsAsync(owner, cancellationToken).ConfigureAwait(false);
                await CollectAsync(index, dependent, listed, cancellationToken).ConfigureAwait(false);
            }

            // In a circle of owners everybody would wait for everybody.
            blocked |= Blocks(dependent, owner) && !(meta.Finalizers.Contains(Foreground) && _graph.IsBelow(owner.Metadata.Uid, meta.Uid));
        }

        if (blocked)
        {
            return;
        }

        // What blocks the owner and is not in the graph yet wakes it with its event.
        listed ??= await ListDependentsAsync(owner, cancellationToken).ConfigureAwait(false);
        if (!listed[owner.Metadata.Uid].Any(d => Blocks(d.Object, owner) && !seen.Contains(d.Object.Metadata.Uid)))
        {
            await OwnerReferences.RemoveFinalizerAsync(_api, Resource(ownerIndex), owner, Foreground, cancellationToken).ConfigureAwait(false);
        }
    }

    private static bool Blocks(ApiObject dependent, ApiObject owner)
    {
        foreach (var reference in dependent.Metadata.OwnerReferences)
        {
            if (reference.Uid == owner.Metadata.Uid && reference.BlockOwnerDeletion)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Who belongs to whom, by the owner's uid, where the owner's dependents can be, as the API has it now. Informers of different kinds are
    /// not at the same moment: what was made just before its owner went may not be in the graph yet, and would be collected too early or too
    /// late.
    /// </summary>
    private async ValueTask<ILookup<string, (int Index, ApiObject Object)>> ListDependentsAsync(ApiObject owner, CancellationToken cancellationToken)
    {
        var list = new List<(string Owner, int Index, ApiObject Object)>();
        var ns = owner.Metadata.Namespace;
        for (var index = 0; index < _keys.Resources.Count; index++)
        {
            // What has a namespace owns only what is in it.
            if (ns.Length > 0 && !_keys.Resources[index].Namespaced)
            {
                continue;
            }

            var objects = await _api.ListAsync(new ResourceScope(Resource(index)) { Namespace = ns }, cancellationToken).ConfigureAwait(false);
            foreach (var obj in objects.Items)
            {
                foreach (var reference in obj.Metadata.OwnerReferences)
                {
                    list.Add((reference.Uid, index, obj));
                }
            }
        }

        return list.ToLookup(static d => d.Owner, static d => (d.Index, d.Object), StringComparer.Ordinal);
    }

    /// <summary>The dependents as the graph knows them.</summary>
    private List<(int Index, ApiObject Object)> Dependents(ApiObject owner)
    {
        var list = new List<(int, ApiObject)>();
        foreach (var node in _graph.Dependents(owner.Metadata.Uid))
        {
            var (index, ns) = ResourceKeys.Split(node.Key);
            if (_informers[index].Get(ns, node.Key.Name) is { } obj && obj.Metadata.Uid == node.Uid)
            {
                list.Add((index, obj));
            }
        }

        return list;
    }

    private async ValueTask DeleteAsync(int index, ApiObject obj, string policy, CancellationToken cancellationToken)
    {
        var name = new ResourceName(Resource(index), obj.Metadata.Namespace, obj.Metadata.Name);
        var options = new DeleteOptions
        {
            PropagationPolicy = policy,
            Uid = obj.Metadata.Uid,
            ResourceVersion = obj.Revision.ToString(CultureInfo.InvariantCulture),
        };
        try
        {
            await _api.DeleteAsync(name, options, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException error) when (error.Reason == StatusReason.NotFound)
        {
            // It is gone already.
        }
    }
}
