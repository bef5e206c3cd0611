using System.Text.Json.Nodes;

namespace Modular.ApiServer;

/// <summary>What the versions of OpenAPI write differently.</summary>
internal abstract class OpenApiForm
{
    /// <summary>Refers to a named schema.</summary>
    public abstract JsonObject Reference(string name);

    /// <summary>Refers to a named schema and says of the place where it stands what is not said of the schema itself.</summary>
    public abstract JsonObject Reference(string name, JsonObject beside);

    /// <summary>Describes a number or a string that holds one.</summary>
    public abstract void DescribeQuantity(JsonObject document);

    /// <summary>Describes a whole number or a string.</summary>
    public abstract void DescribeIntOrString(JsonObject document);

    /// <summary>Says that null is a value.</summary>
    public abstract void DescribeNullable(JsonObject document);

    /// <summary>A parameter.</summary>
    public abstract JsonObject Parameter(OpenApiParameter parameter);

    /// <summary>An operation.</summary>
    public abstract JsonObject Operation(OpenApiOperation operation);

    /// <summary>What both say of an operation.</summary>
    protected JsonObject Common(OpenApiOperation operation, IEnumerable<JsonObject> further)
    {
        var parameters = new JsonArray();
        foreach (var parameter in OpenApiParameters.Of(operation.Verb).Select(Parameter).Concat(further))
        {
            parameters.Add((JsonNode)parameter);
        }

        return new JsonObject
        {
            ["description"] = $"{operation.Verb} {operation.Kind.Kind}",
            ["parameters"] = parameters,
            ["x-kubernetes-action"] = operation.Verb switch { "create" => "post", "update" => "put", _ => operation.Verb },
            ["x-kubernetes-group-version-kind"] = SchemaDocument.Kind(operation.Kind),
        };
    }
}

/// <summary>A verb of a path.</summary>
/// <param name="Verb">The verb of the API.</param>
/// <param name="Kind">The kind that it reads or writes.</param>
/// <param name="BodyTypes">The media types of its body; none if it has none.</param>
/// <param name="Body">The schema of its body.</param>
/// <param name="Answer">The schema of its answer.</param>
internal sealed record OpenApiOperation(string Verb, GroupVersionKind Kind, IReadOnlyList<string> BodyTypes, JsonObject Body, JsonObject Answer)
{
    public static IReadOnlyList<string> AnswerTypes { get; } = [MediaType.Json, MediaType.Yaml];

    /// <summary>The status code of an answer.</summary>
    public string Code => Verb == "create" ? "201" : "200";
}
