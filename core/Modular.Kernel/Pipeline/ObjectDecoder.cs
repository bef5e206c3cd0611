using System.Text.Json.Nodes;

namespace Modular.Kernel;

/// <summary>Turns a request's JSON into an object of a kind: agreement with the URL, types, pruning, defaults.</summary>
internal static class ObjectDecoder
{
    private static readonly GroupVersionKind OptionsKind = new("meta.k8s.io", "v1", "CreateOptions");

    /// <summary>The body as an object that states the kind and namespace of the URL.</summary>
    /// <exception cref="ApiException">BadRequest: it states others.</exception>
    public static JsonObject Open(JsonNode body, GroupVersionKind kind, string ns)
    {
        var obj = body as JsonObject ?? throw RequestErrors.Bad($"the body is not a JSON object that describes a {kind.Kind}");
        Agree(obj, "apiVersion", kind.ApiVersion, "API version");
        Agree(obj, "kind", kind.Kind, "kind");
        var metadata = Metadata(obj);
        if (metadata["namespace"].AsString() is not { Length: > 0 } stated)
        {
            if (ns.Length > 0)
            {
                metadata["namespace"] = ns;
            }
        }
        else if (ns.Length > 0 && stated != ns)
        {
            throw RequestErrors.Bad("the namespace of the provided object does not match the namespace sent on the request");
        }

        return obj;
    }

    /// <summary>Demands that the object states the name of the URL.</summary>
    /// <exception cref="ApiException">BadRequest.</exception>
    public static void AgreeName(JsonObject obj, string name)
    {
        if (Metadata(obj)["name"].AsString() is not { Length: > 0 } stated)
        {
            throw RequestErrors.Bad($"the name of the object ({name} based on URL) was undeterminable: metadata.name must be provided");
        }

        if (stated != name)
        {
            throw RequestErrors.Bad($"the name of the object ({stated}) does not match the name on the URL ({name})");
        }
    }

    /// <summary>Prunes, and fills the schema's defaults in place.</summary>
    /// <returns>Warnings about what was dropped.</returns>
    /// <exception cref="ApiException">BadRequest: wrong types, or dropped fields where the client asked for strictness.</exception>
    public static IReadOnlyList<string> Decode(
        JsonObject obj, Schema schema, GroupVersionKind kind, RequestBody body, WriteOptions options)
    {
        Metadata(obj).Remove("selfLink");
        var asks = options.FieldValidation switch
        {
            "Ignore" => false,
            "Strict" or "Warn" or "" => true,
            _ => throw UnknownValidation(options.FieldValidation),
        };
        var unknown = asks ? new List<string>() : null;
        SchemaDecoder.Decode(obj, schema, kind, unknown);
        if (unknown is null || unknown.Count + body.Duplicates.Count == 0)
        {
            return [];
        }

        var problems = StrictDecoding.Problems(unknown, body.Duplicates);
        return options.FieldValidation == "Strict" ? throw StrictDecoding.Error(kind, problems) : problems;
    }

    /// <summary>Prunes and defaults again what admission may have changed.</summary>
    public static void Redecode(JsonObject obj, ResourceDefinition definition) => SchemaDecoder.Decode(obj, definition.Schema, definition.Kind, null);

    /// <summary>The object's metadata, made if it is absent.</summary>
    /// <exception cref="ApiException">BadRequest: it is not an object.</exception>
    public static JsonObject Metadata(JsonObject obj)
    {
        switch (obj["metadata"])
        {
            case JsonObject metadata:
                return metadata;
            case null:
                var made = new JsonObject();
                obj["metadata"] = made;
                return made;
            default:
                throw RequestErrors.Bad("metadata is not an object");
        }
    }

    private static void Agree(JsonObject obj, string field, string expected, string what)
    {
        if (obj[field].AsString() is not { Length: > 0 } stated)
        {
            obj[field] = expected;
        }
        else if (stated != expected)
        {
            throw RequestErrors.Bad($"the {what} in the data ({stated}) does not match the expected {what} ({expected})");
        }
    }

    private static ApiException UnknownValidation(string value)
    {
        var errors = new FieldErrors();
        errors.NotSupported("fieldValidation", value, ["", "Ignore", "Strict", "Warn"]);
        return new ApiException(errors.ToStatus(OptionsKind, ""));
    }
}
