using System.Text.Json.Nodes;

namespace Modular.ApiFuzzer;

/// <summary>Makes the requests of a run.</summary>
internal sealed class RequestGenerator(IReadOnlyList<ResourceDefinition> kinds, KnownState known)
{
    private static readonly string[] Accepted =
    [
        "application/json", "application/yaml", ProtobufFormat.MediaType, $"{ProtobufFormat.MediaType},application/json", "application/json;as=Table;v=v1;g=meta.k8s.io",
        "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io", "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io", "*/*",
    ];

    private static readonly string[] OddlyAccepted =
    [
        "application/json;as=Table;v=v9;g=meta.k8s.io,application/json",
        $"{ProtobufFormat.MediaType};as=PartialObjectMetadata;g=meta.k8s.io;v=v1", "application/yaml;as=Table;v=v1;g=meta.k8s.io", "text/html", "", ",", ";;;=", "application/json;q=NaN", "application/json;q=-1,*/*;q=0.1",
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList", "application/json;stream=watch", "\"", "a/b/c", "application/json;pretty=1;as=",
    ];

    private static readonly string[] Methods = ["OPTIONS", "HEAD", "TRACE", "FOO", "get", "PUT", "POST", "PATCH", "DELETE", "GET"];

    private readonly PathGenerator _paths = new(known);
    private readonly QueryGenerator _queries = new(known);

    /// <summary>The request of an iteration.</summary>
    public FuzzRequest Next(Dice dice) => dice.Next(100) switch
    {
        < 27 => Create(dice),
        < 41 => Update(dice),
        < 65 => Patch(dice),
        < 69 => Delete(dice, collection: false),
        < 70 => Delete(dice, collection: true),
        < 80 => Read("GET", PathGenerator.Collection(dice.Pick(kinds), dice), _queries.Next(dice, isRead: true, isApply: false), dice),
        < 84 => Read("GET", PathGenerator.Collection(dice.Pick(kinds), dice), _queries.Watch(dice), dice),
        < 91 => Read("GET", WithPart(Existing(dice).Key, dice), _queries.Next(dice, isRead: true, isApply: false), dice),
        _ => Odd(dice),
    };

    private FuzzRequest Create(Dice dice)
    {
        var kind = dice.Pick(kinds);
        var path = PathGenerator.Collection(kind, dice);
        var schema = kind.Schema;
        var obj = BodyGenerator.Sample(kind, PathGenerator.Name(kind, dice), dice);
        if (dice.Chance(10) && kind.Subresources is { Count: > 0 } parts && dice.Pick(parts) is { } part)
        {
            path = $"{PathGenerator.Object(kind, dice)}/{part.Name}";
            schema = part.Schema ?? schema;
            obj["kind"] = part.Kind.Kind;
            obj["apiVersion"] = part.Kind.ApiVersion;
        }

        var (body, type) = BodyGenerator.Object(obj, schema, dice);
        return Write("POST", path + _queries.Next(dice, isRead: false, isApply: false), body, type, dice);
    }

    private FuzzRequest Update(Dice dice)
    {
        var (path, obj) = Existing(dice);
        var (body, type) = BodyGenerator.Object(obj, SchemaOf(obj), dice);
        return Write("PUT", WithPart(path, dice) + _queries.Next(dice, isRead: false, isApply: false), body, type, dice);
    }

    private FuzzRequest Patch(Dice dice)
    {
        var (path, obj) = Existing(dice);
        var schema = SchemaOf(obj) ?? dice.Pick(kinds).Schema;
        var (body, type) = dice.Next(4) switch
        {
            0 => (BodyGenerator.Json(PatchGenerator.Operate(obj, dice), dice), "application/json-patch+json"),
            1 => (BodyGenerator.Json(PatchGenerator.Merge(obj, schema, strategic: false, dice), dice), "application/merge-patch+json"),
            2 => (BodyGenerator.Json(PatchGenerator.Merge(obj, schema, strategic: true, dice), dice), "application/strategic-merge-patch+json"),
            _ => (Applied(obj, schema, dice), "application/apply-patch+yaml"),
        };
        return Write("PATCH", WithPart(path, dice) + _queries.Next(dice, isRead: false, isApply: type == "application/apply-patch+yaml"), body, type, dice);
    }

    private static byte[] Applied(JsonObject obj, Schema schema, Dice dice)
    {
        if (obj["metadata"] is JsonObject metadata && dice.Chance(90))
        {
            foreach (var name in (ReadOnlySpan<string>)["managedFields", "resourceVersion", "uid", "creationTimestamp", "generation"])
            {
                metadata.Remove(name);
            }
        }

        if (dice.Chance(30))
        {
            ObjectGenerator.Fill(obj, schema, dice);
        }

        for (var i = dice.Next(3); i > 0; i--)
        {
            JsonMutation.Mutate(obj, dice);
        }

        return dice.Chance(50) ? BodyGenerator.Yaml(obj, dice) : BodyGenerator.Json(obj, dice);
    }

    private FuzzRequest Delete(Dice dice, bool collection)
    {
        var path = collection ? PathGenerator.Collection(dice.Pick(kinds), dice) : Existing(dice).Key;
        var options = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "DeleteOptions" };
        foreach (var (name, value) in (ReadOnlySpan<(string, JsonNode?)>)
            [
                ("gracePeriodSeconds", dice.Next(10)), ("propagationPolicy", dice.Pick("Background", "Foreground", "Orphan")), ("dryRun", new JsonArray("All")),
                ("preconditions", new JsonObject { ["uid"] = dice.Pick(known.Uids), ["resourceVersion"] = dice.Pick(known.Revisions) }), ("orphanDependents", dice.Chance(50)),
            ])
        {
            if (dice.Chance(15))
            {
                options[name] = value;
            }
        }

        var query = _queries.Next(dice, isRead: collection, isApply: false);
        if (dice.Chance(40))
        {
            return Write("DELETE", path + query, [], "", dice);
        }

        var (body, type) = BodyGenerator.Object(options, MetaMessages.DeleteOptions, dice);
        return Write("DELETE", path + query, body, type, dice);
    }

    private FuzzRequest Odd(Dice dice)
    {
        var method = dice.Chance(70) ? "GET" : dice.Pick(Methods);
        var path = _paths.Odd(dice, kinds);
        var query = path.Contains('?', StringComparison.Ordinal) ? "" : _queries.Next(dice, isRead: true, isApply: false);
        if (method is "GET" or "HEAD" or "OPTIONS" or "TRACE" or "get")
        {
            return Read(method, path, query, dice);
        }

        var kind = dice.Pick(kinds);
        var (body, type) = BodyGenerator.Object(BodyGenerator.Sample(kind, PathGenerator.Name(kind, dice), dice), kind.Schema, dice);
        return Write(method, path + query, body, type, dice);
    }

    private static FuzzRequest Read(string method, string path, string query, Dice dice) => new(method, path + query, Headers(dice, ""), []);

    private static FuzzRequest Write(string method, string target, byte[] body, string type, Dice dice) => new(method, target, Headers(dice, type), body);

    private static List<KeyValuePair<string, string>> Headers(Dice dice, string contentType)
    {
        var headers = new List<KeyValuePair<string, string>>();
        if (contentType.Length > 0)
        {
            headers.Add(new("Content-Type", contentType));
        }

        if (dice.Chance(40))
        {
            headers.Add(new("Accept", dice.Chance(85) ? dice.Pick(Accepted) : dice.Pick(OddlyAccepted)));
        }

        if (dice.Chance(3))
        {
            headers.Add(dice.Pick<KeyValuePair<string, string>>(
                new("User-Agent", "kubectl/v1.32 (linux/amd64)"), new("User-Agent", new string('a', 300)), new("If-None-Match", "\"a\""), new("Content-Encoding", "gzip"), new("Accept-Encoding", dice.Pick("gzip", "identity", "gzip;q=0", "br, *")),
                new("Connection", "Upgrade"), new("Upgrade", "websocket"), new("Impersonate-User", "a"), new("Range", "bytes=0-1"), new("Accept-Language", "\u0001"), new("Expect", "a")));
        }

        return headers;
    }

    /// <summary>An object that was seen, as a copy; one of its kind's samples if there was none.</summary>
    private KeyValuePair<string, JsonObject> Existing(Dice dice)
    {
        if (known.Objects.Count > 0 && dice.Chance(90))
        {
            var (path, obj) = dice.Pick(known.Objects);
            return new(path, (JsonObject)obj.DeepClone());
        }

        var kind = dice.Pick(kinds);
        var name = PathGenerator.Name(kind, dice);
        return new($"{PathGenerator.Collection(kind, dice)}/{name}", BodyGenerator.Sample(kind, name, dice));
    }

    private Schema? SchemaOf(JsonObject obj)
    {
        foreach (var kind in kinds)
        {
            if (obj.GetString("kind") == kind.Kind.Kind && obj.GetString("apiVersion") == kind.Kind.ApiVersion)
            {
                return kind.Schema;
            }
        }

        return null;
    }

    private string WithPart(string path, Dice dice)
    {
        if (!dice.Chance(20))
        {
            return path;
        }

        var plural = path.Split('/') is [.., var resource, _] ? resource : "";
        var kind = kinds.FirstOrDefault(k => k.Resource.Resource == plural);
        return kind?.Subresources is { Count: > 0 } parts ? $"{path}/{dice.Pick(parts).Name}" : path + dice.Pick("/status", "/scale", "/log", "/none");
    }
}
