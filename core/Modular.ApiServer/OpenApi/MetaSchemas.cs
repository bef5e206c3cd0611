using System.Text.Json.Nodes;

namespace Modular.ApiServer;

/// <summary>The components that every document needs and no kind brings along.</summary>
internal static class MetaSchemas
{
    private const string Meta = "io.k8s.apimachinery.pkg.apis.meta.v1.";

    public const string ListMeta = Meta + "ListMeta";
    public const string Patch = Meta + "Patch";
    public const string Status = Meta + "Status";
    public const string DeleteOptions = Meta + "DeleteOptions";
    public const string Preconditions = Meta + "Preconditions";

    /// <summary>Adds them.</summary>
    public static void AddTo(SchemaDocument schemas)
    {
        schemas.Add(Patch, static () => new JsonObject
        {
            ["description"] = "Patch describes a change of an object, in the form its content type names.",
            ["type"] = "object",
        });
        schemas.Add(ListMeta, static () => Object("ListMeta describes a list.", new JsonObject
        {
            ["continue"] = Type("string", "Asks for the next page; empty on the last."),
            ["remainingItemCount"] = Type("integer", "How many objects follow this page, where known.", "int64"),
            ["resourceVersion"] = Type("string", "The revision the list is the state of."),
            ["selfLink"] = Type("string", "Not filled any more."),
        }));
        schemas.Add(Preconditions, static () => Object("Preconditions must hold for a deletion to be carried out.", new JsonObject
        {
            ["resourceVersion"] = Type("string", "The object's resourceVersion."),
            ["uid"] = Type("string", "The object's uid."),
        }));
        schemas.Add(DeleteOptions, () => Object("DeleteOptions say how to delete.", new JsonObject
        {
            ["apiVersion"] = Type("string", "The version of this object's schema."),
            ["dryRun"] = new JsonObject
            {
                ["description"] = "All: carry out everything but the deletion itself.",
                ["type"] = "array",
                ["items"] = new JsonObject { ["type"] = "string" },
                ["x-kubernetes-list-type"] = "atomic",
            },
            ["gracePeriodSeconds"] = Type("integer", "Seconds of grace; 0 for at once.", "int64"),
            ["kind"] = Type("string", "DeleteOptions."),
            ["orphanDependents"] = Type("boolean", "Replaced by propagationPolicy."),
            ["preconditions"] = schemas.Reference(Preconditions),
            ["propagationPolicy"] = Type("string", "What happens to dependents: Background, Foreground or Orphan."),
        }));
        schemas.Add(Status, () => Object("Status is the answer to a request that has no other.", new JsonObject
        {
            ["apiVersion"] = Type("string", "The version of this object's schema."),
            ["code"] = Type("integer", "The HTTP status code.", "int32"),
            ["details"] = new JsonObject { ["description"] = "What the request was about.", ["type"] = "object" },
            ["kind"] = Type("string", "Status."),
            ["message"] = Type("string", "What happened, for people."),
            ["metadata"] = schemas.Reference(ListMeta),
            ["reason"] = Type("string", "What happened, for programs."),
            ["status"] = Type("string", "Success or Failure."),
        }));
    }

    /// <summary>A scalar with a description.</summary>
    public static JsonObject Type(string type, string description, string format = "")
    {
        var schema = new JsonObject { ["description"] = description, ["type"] = type };
        if (format.Length > 0)
        {
            schema["format"] = format;
        }

        return schema;
    }

    private static JsonObject Object(string description, JsonObject properties) => new()
    {
        ["description"] = description,
        ["type"] = "object",
        ["properties"] = properties,
    };
}
