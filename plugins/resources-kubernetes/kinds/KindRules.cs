using Modular.Plugins.ResourcesKubernetes.Columns;

namespace Modular.Plugins.ResourcesKubernetes.Kinds;

/// <summary>What a kind has beside its schema: strategy, table, name rule, and the fields that selectors know.</summary>
internal sealed record KindRules
{
    public IResourceStrategy Strategy { get; init; } = DefaultResourceStrategy.Instance;

    /// <summary>Null for what is not stored.</summary>
    public IKindTable? Table { get; init; }

    public ReviewType? Review { get; init; }

    public ResourceAction? ActsOn { get; init; }

    public bool TracksGeneration { get; init; } = true;

    public bool CreatesOnUpdate { get; init; }

    public bool UpdateNeedsRevision { get; init; }

    public bool ReturnsDeletedObject { get; init; }

    public Func<string, IReadOnlyList<string>> NameRule { get; init; } = NameRules.Dns1123Subdomain;

    /// <summary>The resource of the table as which the objects are stored; null for what is stored as it is.</summary>
    public string? StoredAs { get; init; }

    /// <summary>The resource of another source whose objects these show; null for what the table itself has.</summary>
    public GroupVersionResource? ShownOf { get; init; }

    public IObjectConversion? Conversion { get; init; }

    public IReadOnlyList<SelectableField> Fields { get; init; } = [];
}
