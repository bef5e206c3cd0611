using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Modular.Kernel.Plugins;

namespace Modular.Kernel;

/// <summary>
/// The kinds of all sources at one moment. Its sources are leased for as long as it is served and somebody writes by it, so that none of them ends while
/// its rules are asked.
/// </summary>
internal sealed class ResourceSnapshot
{
    private readonly LeaseCounter _uses;
    private readonly IReadOnlyList<ContractLease<IResourceSource>> _sources;
    private readonly FrozenDictionary<GroupVersionResource, ResourceDefinition> _byResource;
    private readonly FrozenDictionary<GroupVersionKind, ResourceDefinition> _byKind;

    private ResourceSnapshot(
        IReadOnlyList<ResourceDefinition> all, long generation, IReadOnlyList<ContractLease<IResourceSource>> sources, LeaseCounter uses)
    {
        _uses = uses;
        _sources = sources;
        All = all;
        Generation = generation;
        _byResource = all.ToFrozenDictionary(d => d.Resource);
        _byKind = all.ToFrozenDictionary(d => d.Kind);
        NamespaceKind = all.FirstOrDefault(d => d.IsNamespaceKind);
    }

    public static ResourceSnapshot Empty() => new([], 0, [], new LeaseCounter());

    public long Generation { get; }

    public IReadOnlyList<ResourceDefinition> All { get; }

    public ResourceDefinition? NamespaceKind { get; }

    /// <summary>Joins the answers of the sources, in order.</summary>
    /// <param name="answers">What each source brings.</param>
    /// <param name="generation">Which snapshot it is.</param>
    /// <param name="sources">The leases of the sources, which belong to the snapshot from then on.</param>
    /// <exception cref="InvalidOperationException">
    /// Two sources bring the same kind, or one is stored as what can't hold it or acts on what has no such action; the leases are still the caller's.
    /// </exception>
    public static ResourceSnapshot Build(
        IReadOnlyList<(string Source, IReadOnlyList<ResourceDefinition> Kinds)> answers, long generation, IReadOnlyList<ContractLease<IResourceSource>> sources)
    {
        var all = new List<ResourceDefinition>();
        var owners = new Dictionary<object, string>();
        foreach (var (source, kinds) in answers)
        {
            foreach (var definition in kinds)
            {
                Claim(owners, definition.Resource, source);
                Claim(owners, definition.Kind, source);
                if (definition.IsNamespaceKind)
                {
                    Claim(owners, "the kind of namespaces", source);
                }

                all.Add(definition);
            }
        }

        var brought = all.Select(definition => definition.Resource).ToHashSet();
        all.RemoveAll(definition => IsView(definition) && !brought.Contains(definition.StoredAs!));
        var snapshot = new ResourceSnapshot(all, generation, sources, new LeaseCounter());
        foreach (var definition in all)
        {
            snapshot.DemandStored(definition);
            snapshot.DemandAction(definition);
        }

        return snapshot;
    }

    // What can only be read shows another source's objects, and there is nothing to show without that source.
    private static bool IsView(ResourceDefinition definition) =>
        definition.StoredAs is not null && definition.Verbs.All(verb => verb is "get" or "list" or "watch");

    private void DemandStored(ResourceDefinition definition)
    {
        if (definition.StoredAs is not { } resource)
        {
            return;
        }

        var stored = TryGet(resource, out var found) && found.StoredAs is null && found.Namespaced == definition.Namespaced
            ? found
            : throw new InvalidOperationException($"{definition.Resource} is stored as {resource}, which is not served, lives elsewhere, or is stored as another itself");
        foreach (var subresource in definition.Subresources)
        {
            if (!stored.Subresources.Any(s => s.Name == subresource.Name && s.Type == subresource.Type))
            {
                throw new InvalidOperationException($"{definition.Resource} has a subresource {subresource.Name}, and {resource}, as which it is stored, has not");
            }
        }

        foreach (var field in definition.SelectableFields)
        {
            if (!stored.SelectableFields.Any(s => s.ValuePath == field.ValuePath))
            {
                throw new InvalidOperationException($"{definition.Resource} can be selected by {field.Path}, and {resource}, as which it is stored, not by {field.ValuePath}");
            }
        }
    }

    private void DemandAction(ResourceDefinition definition)
    {
        if (definition.ActsOn is not { } action)
        {
            return;
        }

        var acts = TryGet(action.Resource, out var found) && found.IsStored && found.Namespaced == definition.Namespaced
            && found.Subresources.Any(s => s.Name == action.Subresource && s.Type == SubresourceType.Action && s.Kind == definition.Kind);
        if (!acts || definition.Review is not null || definition.StoredAs is not null || definition.Verbs is not ["create"])
        {
            throw new InvalidOperationException($"{definition.Resource} is the action {action.Subresource} of {action.Resource}, which has none of its kind, or is more than that");
        }
    }

    public bool TryGet(GroupVersionResource resource, [MaybeNullWhen(false)] out ResourceDefinition definition) =>
        _byResource.TryGetValue(resource, out definition);

    public bool TryGet(GroupVersionKind kind, [MaybeNullWhen(false)] out ResourceDefinition definition) =>
        _byKind.TryGetValue(kind, out definition);

    /// <summary>The kind as which another's objects are stored; null if they are stored as what they are.</summary>
    public ResourceDefinition? StoredAs(ResourceDefinition definition) => definition.StoredAs is { } stored ? _byResource[stored] : null;

    /// <summary>Keeps the sources until the use is disposed; null if the snapshot is no longer served.</summary>
    public IDisposable? TryUse() => _uses.TryEnter() ? _uses : null;

    /// <summary>It is no longer served: gives the sources back when the last one who uses it has ended.</summary>
    public async Task RetireAsync()
    {
        await _uses.DrainAsync().ConfigureAwait(false);
        foreach (var source in _sources)
        {
            source.Dispose();
        }
    }

    private static void Claim(Dictionary<object, string> owners, object what, string source)
    {
        if (!owners.TryAdd(what, source))
        {
            throw new InvalidOperationException($"{what} is brought by both {owners[what]} and {source}; leave one of them out");
        }
    }
}
