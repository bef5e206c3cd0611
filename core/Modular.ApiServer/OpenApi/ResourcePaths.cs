using System.Text.Json.Nodes;

namespace Modular.ApiServer;

/// <summary>Describes the paths of one resource, with the parameters and body types clients look for before they use a feature.</summary>
internal sealed class ResourcePaths
{
    private readonly ResourceDefinition _definition;
    private readonly SchemaDocument _schemas;
    private readonly string _kindSchema;
    private readonly string _listSchema;

    private ResourcePaths(ResourceDefinition definition, SchemaDocument schemas)
    {
        _definition = definition;
        _schemas = schemas;
        _kindSchema = NameOf(definition.Schema, definition.Kind);
        _listSchema = _kindSchema + "List";
        schemas.AddKind(_kindSchema, definition.Schema, definition.Kind);
        AddList();
    }

    /// <summary>Describes the paths of some resources, and adds their schemas to the others.</summary>
    public static JsonObject Of(IEnumerable<ResourceDefinition> definitions, SchemaDocument schemas)
    {
        MetaSchemas.AddTo(schemas);
        var paths = new JsonObject();
        foreach (var definition in definitions)
        {
            new ResourcePaths(definition, schemas).AddTo(paths);
        }

        return paths;
    }

    /// <summary>Adds the collection, the object and the subresources.</summary>
    private void AddTo(JsonObject paths)
    {
        var resource = _definition.Resource;
        var root = resource.Group.Length == 0 ? $"/api/{resource.Version}" : $"/apis/{resource.ApiVersion}";
        var collection = _definition.Namespaced ? $"{root}/namespaces/{{namespace}}/{resource.Resource}" : $"{root}/{resource.Resource}";
        if (_definition.Namespaced)
        {
            paths[$"{root}/{resource.Resource}"] = Path([], ("list", "get", _definition.Kind, _kindSchema));
        }

        var parameters = _definition.Namespaced ? [OpenApiParameters.Namespace] : new List<OpenApiParameter>();
        paths[collection] = Path(parameters,
            ("list", "get", _definition.Kind, _kindSchema),
            ("create", "post", _definition.Kind, _kindSchema),
            ("deletecollection", "delete", _definition.Kind, _kindSchema));
        parameters.Add(OpenApiParameters.Name);
        paths[$"{collection}/{{name}}"] = Path(parameters,
            ("get", "get", _definition.Kind, _kindSchema),
            ("update", "put", _definition.Kind, _kindSchema),
            ("delete", "delete", _definition.Kind, _kindSchema),
            ("patch", "patch", _definition.Kind, _kindSchema));
        foreach (var subresource in _definition.Subresources)
        {
            paths[$"{collection}/{{name}}/{subresource.Name}"] = SubresourcePath(parameters, subresource);
        }
    }

    private static string NameOf(Schema? schema, GroupVersionKind kind)
    {
        if (schema is { Name.Length: > 0 })
        {
            return schema.Name;
        }

        var group = kind.Group.Length == 0 ? "io.k8s.api.core" : string.Join('.', kind.Group.Split('.').Reverse());
        return $"{group}.{kind.Version}.{kind.Kind}";
    }

    private void AddList()
    {
        _schemas.Add(_listSchema, () => new JsonObject
        {
            ["description"] = $"{_definition.ListKind} is a list of objects of kind {_definition.Kind.Kind}.",
            ["type"] = "object",
            ["required"] = PlainDiscovery.Strings(["items"]),
            ["properties"] = new JsonObject
            {
                ["apiVersion"] = MetaSchemas.Type("string", "The version of this object's schema."),
                ["items"] = new JsonObject { ["type"] = "array", ["items"] = _schemas.Reference(_kindSchema) },
                ["kind"] = MetaSchemas.Type("string", _definition.ListKind),
                ["metadata"] = _schemas.Reference(MetaSchemas.ListMeta),
            },
            ["x-kubernetes-group-version-kind"] = new JsonArray(SchemaDocument.Kind(_definition.Kind with { Kind = _definition.ListKind })),
        });
    }

    private JsonObject SubresourcePath(IEnumerable<OpenApiParameter> parameters, Subresource subresource)
    {
        var schema = _kindSchema;
        if (subresource.Schema is { } own)
        {
            schema = NameOf(own, subresource.Kind);
            _schemas.AddKind(schema, own, subresource.Kind);
        }
        else if (subresource.Kind != _definition.Kind)
        {
            schema = "";
        }

        return Path(parameters,
            ("get", "get", subresource.Kind, schema),
            ("create", "post", subresource.Kind, schema),
            ("update", "put", subresource.Kind, schema),
            ("patch", "patch", subresource.Kind, schema));

        // Verbs that the subresource does not have are left out below.
        JsonObject Path(IEnumerable<OpenApiParameter> common, params (string Verb, string Method, GroupVersionKind Kind, string Schema)[] operations) =>
            this.Path(common, [.. operations.Where(operation => subresource.Verbs.Contains(operation.Verb))], subresource.Verbs);
    }

    private JsonObject Path(IEnumerable<OpenApiParameter> parameters, params (string Verb, string Method, GroupVersionKind Kind, string Schema)[] operations) =>
        Path(parameters, operations, _definition.Verbs);

    private JsonObject Path(
        IEnumerable<OpenApiParameter> parameters, (string Verb, string Method, GroupVersionKind Kind, string Schema)[] operations, IReadOnlyList<string> verbs)
    {
        var path = new JsonObject();
        foreach (var (verb, method, kind, schema) in operations)
        {
            if (verbs.Contains(verb))
            {
                path[method] = Operation(verb, kind, schema);
            }
        }

        var common = new JsonArray();
        foreach (var parameter in parameters)
        {
            common.Add((JsonNode)_schemas.Form.Parameter(parameter));
        }

        common.Add((JsonNode)_schemas.Form.Parameter(OpenApiParameters.Pretty));
        path["parameters"] = common;
        return path;
    }

    private JsonObject Operation(string verb, GroupVersionKind kind, string schema)
    {
        var body = verb switch
        {
            "patch" => _schemas.Reference(MetaSchemas.Patch),
            "delete" or "deletecollection" => _schemas.Reference(MetaSchemas.DeleteOptions),
            _ => ReferenceOrAny(schema),
        };
        var answer = verb switch
        {
            "list" => _schemas.Reference(_listSchema),
            "delete" when _definition.ReturnsDeletedObject => _schemas.Reference(_kindSchema),
            "delete" or "deletecollection" => _schemas.Reference(MetaSchemas.Status),
            _ => ReferenceOrAny(schema),
        };
        return _schemas.Form.Operation(new OpenApiOperation(verb, kind, BodyTypes(verb), body, answer));
    }

    private static IReadOnlyList<string> BodyTypes(string verb) => verb switch
    {
        "create" or "update" => ["*/*"],
        "patch" => ["application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json"],
        "delete" or "deletecollection" => ["*/*"],
        _ => [],
    };

    private JsonObject ReferenceOrAny(string schema) => schema.Length > 0 ? _schemas.Reference(schema) : new JsonObject { ["type"] = "object" };
}
