using System.Text.Json.Nodes;

namespace Modular.ApiServer;

/// <summary>Builds the discovery document that tells a client everything at once.</summary>
internal static class AggregatedDiscovery
{
    /// <summary>An APIGroupDiscoveryList of these groups.</summary>
    public static JsonObject List(IEnumerable<ApiGroup> groups, string version) => new()
    {
        ["kind"] = "APIGroupDiscoveryList",
        ["apiVersion"] = $"apidiscovery.k8s.io/{version}",
        ["metadata"] = new JsonObject(),
        ["items"] = new JsonArray([.. groups.Select(Group)]),
    };

    /// <summary>The Content-Type of the document.</summary>
    public static string ContentType(string version) => $"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList";

    private static JsonObject Group(ApiGroup group) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = group.Name, ["creationTimestamp"] = null },
        ["versions"] = new JsonArray([.. group.Versions.Select(Version)]),
    };

    private static JsonObject Version(ApiGroupVersion version) => new()
    {
        ["version"] = version.Version,
        ["resources"] = new JsonArray([.. version.Resources.Select(Resource)]),
        ["freshness"] = "Current",
    };

    private static JsonObject Resource(ResourceDefinition definition)
    {
        var resource = new JsonObject
        {
            ["resource"] = definition.Resource.Resource,
            ["responseKind"] = Kind(definition.Kind),
            ["scope"] = definition.Namespaced ? "Namespaced" : "Cluster",
            ["singularResource"] = definition.Singular,
            ["verbs"] = PlainDiscovery.Strings(definition.Verbs),
        };
        if (definition.ShortNames.Count > 0)
        {
            resource["shortNames"] = PlainDiscovery.Strings(definition.ShortNames);
        }

        if (definition.Categories.Count > 0)
        {
            resource["categories"] = PlainDiscovery.Strings(definition.Categories);
        }

        if (definition.Subresources.Count > 0)
        {
            resource["subresources"] = new JsonArray([.. definition.Subresources.Select(Subresource)]);
        }

        return resource;
    }

    private static JsonObject Subresource(Subresource subresource) => new()
    {
        ["subresource"] = subresource.Name,
        ["responseKind"] = Kind(subresource.Kind),
        ["verbs"] = PlainDiscovery.Strings(subresource.Verbs),
    };

    private static JsonObject Kind(GroupVersionKind kind) => new()
    {
        ["group"] = kind.Group,
        ["version"] = kind.Version,
        ["kind"] = kind.Kind,
    };
}
