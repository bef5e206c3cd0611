using System.Text.Json.Nodes;

namespace Modular.ApiServer;

/// <summary>Builds the OpenAPI v2 document, which describes all kinds at once.</summary>
internal static class WholeDocument
{
    /// <summary>Describes all resources: their schemas and every path with every verb.</summary>
    public static JsonObject Build(IReadOnlyList<ResourceDefinition> resources, IReadOnlyDictionary<string, string> descriptions, ServerVersion server)
    {
        var schemas = new SchemaDocument(OpenApiV2Form.Instance, descriptions);
        return new JsonObject
        {
            ["swagger"] = "2.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = server.GitVersion },
            ["paths"] = ResourcePaths.Of(resources, schemas),
            ["definitions"] = schemas.Components,
        };
    }
}
