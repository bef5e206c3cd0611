using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace Modular.Kernel;

/// <summary>The kinds of all sources at one moment. Immutable.</summary>
internal sealed class ResourceSnapshot
{
    private readonly FrozenDictionary<GroupVersionResource, ResourceDefinition> _byResource;
    private readonly FrozenDictionary<GroupVersionKind, ResourceDefinition> _byKind;

    private ResourceSnapshot(IReadOnlyList<ResourceDefinition> all, long generation)
    {
        All = all;
        Generation = generation;
        _byResource = all.ToFrozenDictionary(d => d.Resource);
        _byKind = all.ToFrozenDictionary(d => d.Kind);
        NamespaceKind = all.FirstOrDefault(d => d.IsNamespaceKind);
    }

    public static ResourceSnapshot Empty { get; } = new([], 0);

    public long Generation { get; }

    public IReadOnlyList<ResourceDefinition> All { get; }

    public ResourceDefinition? NamespaceKind { get; }

    /// <summary>Joins the answers of the sources, in order.</summary>
    public static ResourceSnapshot Build(IReadOnlyList<(string Source, IReadOnlyList<ResourceDefinition> Kinds)> answers, long generation)
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

        return new ResourceSnapshot(all, generation);
    }

    public bool TryGet(GroupVersionResource resource, [MaybeNullWhen(false)] out ResourceDefinition definition) =>
        _byResource.TryGetValue(resource, out definition);

    public bool TryGet(GroupVersionKind kind, [MaybeNullWhen(false)] out ResourceDefinition definition) =>
        _byKind.TryGetValue(kind, out definition);

    private static void Claim(Dictionary<object, string> owners, object what, string source)
    {
        if (!owners.TryAdd(what, source))
        {
            throw new InvalidOperationException($"{what} is brought by both {owners[what]} and {source}; leave one of them out");
        }
    }
}
