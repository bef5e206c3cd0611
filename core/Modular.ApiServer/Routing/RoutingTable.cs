namespace Modular.ApiServer;

/// <summary>The resources of one registry generation, found by slices of a path without making strings of them.</summary>
internal sealed class RoutingTable
{
    private readonly Dictionary<string, GroupVersionRoutes> _groupVersions = new(StringComparer.Ordinal);
    private readonly HashSet<string> _groups = new(StringComparer.Ordinal);

    public RoutingTable(long generation, IReadOnlyList<ResourceDefinition> resources)
    {
        Generation = generation;
        foreach (var definition in resources)
        {
            var apiVersion = definition.Resource.ApiVersion;
            if (!_groupVersions.TryGetValue(apiVersion, out var routes))
            {
                routes = new GroupVersionRoutes(definition.Resource.Group, definition.Resource.Version);
                _groupVersions.Add(apiVersion, routes);
                _groups.Add(definition.Resource.Group);
            }

            routes.Add(definition);
        }
    }

    /// <summary>The registry's generation this table shows.</summary>
    public long Generation { get; }

    /// <summary>Finds <c>v1</c> or <c>apps/v1</c>.</summary>
    public bool TryGetGroupVersion(ReadOnlySpan<char> apiVersion, out GroupVersionRoutes routes) =>
        _groupVersions.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(apiVersion, out routes!);

    /// <summary>Whether a group has any version.</summary>
    public bool HasGroup(string group) => _groups.Contains(group);
}

/// <summary>The resources of one version of one group.</summary>
internal sealed class GroupVersionRoutes(string group, string version)
{
    private readonly Dictionary<string, ResourceDefinition> _resources = new(StringComparer.Ordinal);

    public string Group { get; } = group;

    public string Version { get; } = version;

    public void Add(ResourceDefinition definition) => _resources[definition.Resource.Resource] = definition;

    public bool TryGet(ReadOnlySpan<char> plural, out ResourceDefinition definition) =>
        _resources.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(plural, out definition!);
}
