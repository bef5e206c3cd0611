using System.Text.Json.Nodes;

namespace Modular.ApiServer;

/// <summary>OpenAPI 3.0.</summary>
internal sealed class OpenApiV3Form : OpenApiForm
{
    public static OpenApiV3Form Instance { get; } = new();

    public override JsonObject Reference(string name) => new() { ["$ref"] = $"#/components/schemas/{name}" };

    // It forbids other members beside $ref.
    public override JsonObject Reference(string name, JsonObject beside)
    {
        beside["allOf"] = new JsonArray(Reference(name));
        return beside;
    }

    public override void DescribeQuantity(JsonObject document) =>
        document["oneOf"] = new JsonArray(new JsonObject { ["type"] = "string" }, new JsonObject { ["type"] = "number" });

    public override void DescribeIntOrString(JsonObject document)
    {
        document["format"] = "int-or-string";
        document["oneOf"] = new JsonArray(new JsonObject { ["type"] = "integer" }, new JsonObject { ["type"] = "string" });
    }

    public override void DescribeNullable(JsonObject document) => document["nullable"] = true;

    public override JsonObject Parameter(OpenApiParameter parameter)
    {
        var described = new JsonObject
        {
            ["name"] = parameter.Name,
            ["in"] = parameter.Place,
            ["description"] = parameter.Description,
            ["schema"] = new JsonObject { ["type"] = parameter.Type, ["uniqueItems"] = true },
        };
        if (parameter.Place == "path")
        {
            described["required"] = true;
        }

        return described;
    }

    public override JsonObject Operation(OpenApiOperation operation)
    {
        var document = Common(operation, []);
        if (operation.BodyTypes.Count > 0)
        {
            document["requestBody"] = new JsonObject { ["content"] = Content(operation.BodyTypes, operation.Body) };
        }

        document["responses"] = new JsonObject
        {
            [operation.Code] = new JsonObject { ["description"] = "OK", ["content"] = Content(OpenApiOperation.AnswerTypes, operation.Answer) },
        };
        return document;
    }

    private static JsonObject Content(IReadOnlyList<string> types, JsonObject schema)
    {
        var content = new JsonObject();
        foreach (var type in types)
        {
            content[type] = new JsonObject { ["schema"] = schema.DeepClone() };
        }

        return content;
    }
}
