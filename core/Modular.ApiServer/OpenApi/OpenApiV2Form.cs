using System.Text.Json.Nodes;

namespace Modular.ApiServer;

/// <summary>OpenAPI 2.0, which was called Swagger.</summary>
internal sealed class OpenApiV2Form : OpenApiForm
{
    public static OpenApiV2Form Instance { get; } = new();

    public override JsonObject Reference(string name) => new() { ["$ref"] = $"#/definitions/{name}" };

    public override JsonObject Reference(string name, JsonObject beside)
    {
        beside["$ref"] = $"#/definitions/{name}";
        return beside;
    }

    // It has no alternatives; clients know both of these types by how they are written here.
    public override void DescribeQuantity(JsonObject document) => document["type"] = "string";

    public override void DescribeIntOrString(JsonObject document)
    {
        document["type"] = "string";
        document["format"] = "int-or-string";
    }

    public override void DescribeNullable(JsonObject document)
    {
        // It has no word for it.
    }

    public override JsonObject Parameter(OpenApiParameter parameter)
    {
        var described = new JsonObject
        {
            ["name"] = parameter.Name,
            ["in"] = parameter.Place,
            ["description"] = parameter.Description,
            ["type"] = parameter.Type,
            ["uniqueItems"] = true,
        };
        if (parameter.Place == "path")
        {
            described["required"] = true;
        }

        return described;
    }

    public override JsonObject Operation(OpenApiOperation operation)
    {
        var body = new JsonObject
        {
            ["name"] = "body",
            ["in"] = "body",
            ["required"] = operation.Verb is not ("delete" or "deletecollection"),
            ["schema"] = operation.Body,
        };
        var document = Common(operation, operation.BodyTypes.Count > 0 ? [body] : []);
        document["consumes"] = PlainDiscovery.Strings(operation.BodyTypes.Count > 0 ? operation.BodyTypes : ["*/*"]);
        document["produces"] = PlainDiscovery.Strings(OpenApiOperation.AnswerTypes);
        document["schemes"] = new JsonArray("https");
        document["responses"] = new JsonObject { [operation.Code] = new JsonObject { ["description"] = "OK", ["schema"] = operation.Answer } };
        return document;
    }
}
