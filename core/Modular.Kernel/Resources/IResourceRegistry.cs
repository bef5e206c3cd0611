using System.Diagnostics.CodeAnalysis;

namespace Modular.Kernel;

/// <summary>The kinds that are served now. Each answer is a snapshot; thread-safe.</summary>
public interface IResourceRegistry
{
    /// <summary>Changes whenever a kind comes, goes or changes.</summary>
    long Generation { get; }

    /// <summary>All kinds, in the order of their sources.</summary>
    IReadOnlyList<ResourceDefinition> All { get; }

    /// <summary>Finds a kind by group, version and plural.</summary>
    bool TryGet(GroupVersionResource resource, [MaybeNullWhen(false)] out ResourceDefinition definition);

    /// <summary>Finds a kind by group, version and kind.</summary>
    bool TryGet(GroupVersionKind kind, [MaybeNullWhen(false)] out ResourceDefinition definition);
}
