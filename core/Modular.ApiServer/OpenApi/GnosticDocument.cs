using System.Text.Json.Nodes;
using Google.Protobuf.Collections;
using Modular.ApiServer.Gnostic;
using ProtobufSchema = Modular.ApiServer.Gnostic.Schema;

namespace Modular.ApiServer;

/// <summary>An OpenAPI v2 document as the messages that Kubernetes' clients read; protos/openapi_v2.proto describes them.</summary>
internal static class GnosticDocument
{
    /// <summary>Turns a document of <see cref="WholeDocument"/> into messages.</summary>
    public static Document Of(JsonObject document)
    {
        var message = new Document
        {
            Swagger = Text(document, "swagger"),
            Info = new Info { Title = Text(document["info"]!, "title"), Version = Text(document["info"]!, "version") },
            Paths = new Paths(),
            Definitions = new Definitions(),
        };
        message.Paths.Path.AddRange(document["paths"]!.AsObject().Select(path => new NamedPathItem { Name = path.Key, Value = Path(path.Value!) }));
        message.Definitions.AdditionalProperties.AddRange(Schemas(document["definitions"]!));
        return message;
    }

    private static PathItem Path(JsonNode path)
    {
        var message = new PathItem
        {
            Get = Optional(path["get"], Operation),
            Put = Optional(path["put"], Operation),
            Post = Optional(path["post"], Operation),
            Delete = Optional(path["delete"], Operation),
            Patch = Optional(path["patch"], Operation),
        };
        message.Parameters.AddRange(Parameters(path));
        return message;
    }

    private static Operation Operation(JsonNode operation)
    {
        var message = new Operation { Description = Text(operation, "description"), Responses = new Responses() };
        AddTexts(message.Consumes, operation["consumes"]);
        AddTexts(message.Produces, operation["produces"]);
        AddTexts(message.Schemes, operation["schemes"]);
        message.Parameters.AddRange(Parameters(operation));
        message.Responses.ResponseCode.AddRange(operation["responses"]!.AsObject().Select(response => new NamedResponseValue
        {
            Name = response.Key,
            Value = new ResponseValue
            {
                Response = new Response
                {
                    Description = Text(response.Value!, "description"),
                    Schema = new SchemaItem { Schema = Schema(response.Value!["schema"]!) },
                },
            },
        }));
        message.VendorExtension.AddRange(Extensions(operation));
        return message;
    }

    private static IEnumerable<ParametersItem> Parameters(JsonNode owner) => owner["parameters"]!.AsArray().Select(parameter => new ParametersItem
    {
        Parameter = Text(parameter!, "in") == "body"
            ? new Parameter { BodyParameter = BodyParameter(parameter!) }
            : new Parameter { NonBodyParameter = NonBodyParameter(parameter!) },
    });

    private static BodyParameter BodyParameter(JsonNode parameter) => new()
    {
        Name = Text(parameter, "name"),
        In = Text(parameter, "in"),
        Required = (bool)parameter["required"]!,
        Schema = Schema(parameter["schema"]!),
    };

    private static NonBodyParameter NonBodyParameter(JsonNode parameter) => Text(parameter, "in") switch
    {
        "path" => new NonBodyParameter
        {
            PathParameter = new PathParameter
            {
                Name = Text(parameter, "name"),
                In = "path",
                Description = Text(parameter, "description"),
                Type = Text(parameter, "type"),
                Required = true,
                UniqueItems = true,
            },
        },
        _ => new NonBodyParameter
        {
            QueryParameter = new QueryParameter
            {
                Name = Text(parameter, "name"),
                In = "query",
                Description = Text(parameter, "description"),
                Type = Text(parameter, "type"),
                UniqueItems = true,
            },
        },
    };

    private static IEnumerable<NamedSchema> Schemas(JsonNode schemas) =>
        schemas.AsObject().Select(schema => new NamedSchema { Name = schema.Key, Value = Schema(schema.Value!) });

    private static ProtobufSchema Schema(JsonNode schema)
    {
        var message = new ProtobufSchema
        {
            Ref = Text(schema, "$ref"),
            Format = Text(schema, "format"),
            Description = Text(schema, "description"),
            Default = Optional(schema["default"], Any),
            Type = Optional(schema["type"], type => new TypeItem { Value = { (string)type! } }),
            Items = Optional(schema["items"], items => new ItemsItem { Schema = { Schema(items) } }),
            AdditionalProperties = Optional(schema["additionalProperties"], values => new AdditionalPropertiesItem { Schema = Schema(values) }),
            Properties = Optional(schema["properties"], properties => new Properties { AdditionalProperties = { Schemas(properties) } }),
        };
        AddTexts(message.Required, schema["required"]);
        message.Enum.AddRange((schema["enum"] as JsonArray ?? []).Select(value => Any(value!)));
        message.VendorExtension.AddRange(Extensions(schema));
        return message;
    }

    private static IEnumerable<NamedAny> Extensions(JsonNode owner) => owner.AsObject()
        .Where(member => member.Key.StartsWith("x-", StringComparison.Ordinal))
        .Select(member => new NamedAny { Name = member.Key, Value = Any(member.Value!) });

    private static Any Any(JsonNode value) => new() { Yaml = value.ToJsonString() };

    private static TMessage? Optional<TMessage>(JsonNode? value, Func<JsonNode, TMessage> read)
        where TMessage : class => value is null ? null : read(value);

    private static void AddTexts(RepeatedField<string> texts, JsonNode? array) => texts.AddRange((array as JsonArray ?? []).Select(text => (string)text!));

    private static string Text(JsonNode owner, string member) => (string?)owner[member] ?? "";
}
