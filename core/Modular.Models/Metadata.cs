namespace Modular.Models;

/// <summary>
/// The part of metadata that readers of a model ask for. Owners and finalizers are in <see cref="ApiMachinery.ApiObject.Metadata"/>.
/// </summary>
public sealed record Metadata
{
    /// <summary>Unique within namespace and kind; empty in templates.</summary>
    public string Name { get => field ?? ""; init; }

    /// <summary>Empty for cluster-scoped kinds.</summary>
    public string Namespace { get => field ?? ""; init; }

    /// <summary>Identity over time.</summary>
    public string Uid { get => field ?? ""; init; }

    /// <summary>Counts changes of desired state.</summary>
    public long Generation { get; init; }

    /// <summary>When the object was created.</summary>
    public DateTimeOffset CreationTimestamp { get; init; }

    /// <summary>When a graceful deletion ends; null while the object is not being deleted.</summary>
    public DateTimeOffset? DeletionTimestamp { get; init; }

    /// <summary>Seconds a graceful deletion may take; null while the object is not being deleted.</summary>
    public long? DeletionGracePeriodSeconds { get; init; }

    /// <summary>What selectors select by.</summary>
    public IReadOnlyDictionary<string, string> Labels { get => field ?? EmptyMap.Strings; init; }

    /// <summary>Free-form notes.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get => field ?? EmptyMap.Strings; init; }
}
