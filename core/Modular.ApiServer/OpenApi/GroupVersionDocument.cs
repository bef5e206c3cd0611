using System.Text.Json.Nodes;

namespace Modular.ApiServer;

/// <summary>Builds the OpenAPI v3 document of one group version.</summary>
internal static class GroupVersionDocument
{
    /// <summary>Describes all resources of the version: their schemas and every path with every verb.</summary>
    public static JsonObject Build(ApiGroupVersion version, IReadOnlyDictionary<string, string> descriptions, ServerVersion server)
    {
        var schemas = new SchemaDocument(OpenApiV3Form.Instance, descriptions);
        return new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = server.GitVersion },
            ["paths"] = ResourcePaths.Of(version.Resources, schemas),
            ["components"] = new JsonObject { ["schemas"] = schemas.Components },
        };
    }
}
