using System.Text.Json.Nodes;

namespace Modular.ApiServer;

/// <summary>Builds the classic discovery documents.</summary>
internal static class PlainDiscovery
{
    /// <summary>What <c>/api</c> answers.</summary>
    public static JsonObject Versions(ApiGroup? core) => new()
    {
        ["kind"] = "APIVersions",
        ["versions"] = new JsonArray([.. (core?.Versions ?? []).Select(version => (JsonNode?)version.Version)]),
        ["serverAddressByClientCIDRs"] = new JsonArray(),
    };

    /// <summary>What <c>/apis</c> answers.</summary>
    public static JsonObject Groups(IEnumerable<ApiGroup> groups) => new()
    {
        ["kind"] = "APIGroupList",
        ["apiVersion"] = "v1",
        ["groups"] = new JsonArray([.. groups.Select(GroupEntry)]),
    };

    /// <summary>What <c>/apis/GROUP</c> answers.</summary>
    public static JsonObject Group(ApiGroup group)
    {
        var document = new JsonObject { ["kind"] = "APIGroup", ["apiVersion"] = "v1" };
        foreach (var (name, value) in GroupEntry(group))
        {
            document[name] = value?.DeepClone();
        }

        return document;
    }

    /// <summary>What <c>/apis/GROUP/VERSION</c> answers.</summary>
    public static JsonObject Resources(ApiGroupVersion version)
    {
        var resources = new JsonArray();
        foreach (var definition in version.Resources)
        {
            resources.Add((JsonNode)Resource(definition));
            foreach (var subresource in definition.Subresources)
            {
                resources.Add((JsonNode)SubresourceEntry(definition, subresource));
            }
        }

        return new JsonObject
        {
            ["kind"] = "APIResourceList",
            ["apiVersion"] = "v1",
            ["groupVersion"] = version.ApiVersion,
            ["resources"] = resources,
        };
    }

    private static JsonObject GroupEntry(ApiGroup group) => new()
    {
        ["name"] = group.Name,
        ["versions"] = new JsonArray([.. group.Versions.Select(VersionEntry)]),
        ["preferredVersion"] = VersionEntry(group.Versions[0]),
    };

    private static JsonObject VersionEntry(ApiGroupVersion version) => new()
    {
        ["groupVersion"] = version.ApiVersion,
        ["version"] = version.Version,
    };

    private static JsonObject Resource(ResourceDefinition definition)
    {
        var resource = new JsonObject
        {
            ["name"] = definition.Resource.Resource,
            ["singularName"] = definition.Singular,
            ["namespaced"] = definition.Namespaced,
            ["kind"] = definition.Kind.Kind,
            ["verbs"] = Strings(definition.Verbs),
        };
        if (definition.ShortNames.Count > 0)
        {
            resource["shortNames"] = Strings(definition.ShortNames);
        }

        if (definition.Categories.Count > 0)
        {
            resource["categories"] = Strings(definition.Categories);
        }

        return resource;
    }

    private static JsonObject SubresourceEntry(ResourceDefinition definition, Subresource subresource)
    {
        var resource = new JsonObject
        {
            ["name"] = $"{definition.Resource.Resource}/{subresource.Name}",
            ["singularName"] = "",
            ["namespaced"] = definition.Namespaced,
        };
        if (subresource.Kind.Group != definition.Kind.Group || subresource.Kind.Version != definition.Kind.Version)
        {
            resource["group"] = subresource.Kind.Group;
            resource["version"] = subresource.Kind.Version;
        }

        resource["kind"] = subresource.Kind.Kind;
        resource["verbs"] = Strings(subresource.Verbs);
        return resource;
    }

    internal static JsonArray Strings(IEnumerable<string> values) => new([.. values.Select(value => (JsonNode?)value)]);
}
