namespace Modular.ApiServer;

/// <summary>A group and its versions, the preferred one first.</summary>
internal sealed record ApiGroup(string Name, IReadOnlyList<ApiGroupVersion> Versions);

/// <summary>One version of a group and the resources it serves.</summary>
internal sealed record ApiGroupVersion(string Group, string Version, IReadOnlyList<ResourceDefinition> Resources)
{
    /// <summary>As in <c>apiVersion</c>.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";
}

/// <summary>Sorts definitions into groups.</summary>
internal static class ApiGroups
{
    /// <summary>The groups in the order their sources name them, the core group first, each with its stablest version first.</summary>
    public static IReadOnlyList<ApiGroup> Of(IReadOnlyList<ResourceDefinition> resources) =>
    [
        .. resources
            .GroupBy(definition => definition.Resource.Group, StringComparer.Ordinal)
            .OrderBy(group => group.Key.Length == 0 ? 0 : 1)
            .Select(group => new ApiGroup(group.Key,
            [
                .. group
                    .GroupBy(definition => definition.Resource.Version, StringComparer.Ordinal)
                    .Select(version => new ApiGroupVersion(group.Key, version.Key,
                        [.. version.OrderBy(definition => definition.Resource.Resource, StringComparer.Ordinal)]))
                    .OrderByDescending(version => VersionRank.Of(version.Version)),
            ])),
    ];
}
