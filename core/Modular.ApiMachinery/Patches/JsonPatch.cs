using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>A list of operations on a JSON document (RFC 6902).</summary>
public static class JsonPatch
{
    /// <summary>How many operations a patch may have, as in Kubernetes.</summary>
    public const int MostOperations = 10_000;

    /// <summary>How many bytes of JSON the copies of a patch may add up to, as in Kubernetes: a few that copy each other grow without end.</summary>
    private const int MostCopiedBytes = 3 * 1024 * 1024;

    // A path that is too deep is as long as it is deep.
    private const int MostShown = 100;

    /// <summary>
    /// Applies the operations in order. Changes the target in place (half of it, if an operation fails: pass a copy if it is still needed);
    /// leaves the patch as it is.
    /// </summary>
    /// <returns>The document; another node than the target if the root was replaced.</returns>
    /// <exception cref="ApiException">
    /// BadRequest for a patch that is none; Invalid if an operation cannot be carried out, a test fails, or the result nests too deep.
    /// </exception>
    public static JsonNode Apply(JsonNode target, JsonNode patch)
    {
        var operations = patch as JsonArray ?? throw Malformed("it is not an array of operations");
        if (operations.Count > MostOperations)
        {
            throw new ApiException(
                StatusReason.RequestEntityTooLarge,
                $"Request entity too large: The allowed maximum operations in a JSON patch is {MostOperations}, got {operations.Count}");
        }

        var root = target;
        var copied = 0L;
        for (var i = 0; i < operations.Count; i++)
        {
            root = Apply(root, operations[i] as JsonObject ?? throw Malformed($"operation {i} is not an object"), ref copied)
                ?? throw Refused("the whole document would become null");
        }

        // Each operation adds what is shallow enough; together they may build what no reader would get through.
        return NestingDepth.FindTooDeep(root) is { } deep ? throw TooDeep(deep) : root;
    }

    private static JsonNode? Apply(JsonNode root, JsonObject operation, ref long copied)
    {
        var path = Pointer(operation, "path");
        return operation["op"].AsString() switch
        {
            "add" => Add(root, path, Value(operation)?.DeepClone()),
            "remove" => Remove(root, path, out _),
            "replace" => Replace(root, path, Value(operation)?.DeepClone()),
            "move" => Move(root, Pointer(operation, "from"), path),
            "copy" => Add(root, path, Copy(Find(root, Pointer(operation, "from")), ref copied)),
            "test" => Test(root, path, Value(operation)),
            null => throw Malformed(operation, "has no op"),
            var op => throw Malformed(operation, $"has an unknown op, \"{op}\""),
        };
    }

    private static JsonNode? Add(JsonNode root, JsonPointer path, JsonNode? value)
    {
        if (path.IsRoot)
        {
            return value;
        }

        switch (path.FindParent(root))
        {
            case JsonObject obj:
                obj[path.Last] = value;
                break;
            case JsonArray array when path.Last == "-":
                array.Add(value);
                break;
            case JsonArray array when JsonPointer.TryIndex(path.Last, array.Count + 1, out var index):
                array.Insert(index, value);
                break;
            default:
                throw Missing(path);
        }

        return root;
    }

    private static JsonNode? Remove(JsonNode root, JsonPointer path, out JsonNode? removed)
    {
        removed = Find(root, path);
        if (path.IsRoot)
        {
            return null;
        }

        switch (path.FindParent(root))
        {
            case JsonObject obj:
                obj.Remove(path.Last);
                break;
            case JsonArray array when JsonPointer.TryIndex(path.Last, array.Count, out var index):
                array.RemoveAt(index);
                break;
        }

        return root;
    }

    private static JsonNode? Replace(JsonNode root, JsonPointer path, JsonNode? value)
    {
        Find(root, path);
        if (path.IsRoot)
        {
            return value;
        }

        switch (path.FindParent(root))
        {
            case JsonObject obj:
                obj[path.Last] = value;
                break;
            case JsonArray array when JsonPointer.TryIndex(path.Last, array.Count, out var index):
                array[index] = value;
                break;
        }

        return root;
    }

    private static JsonNode? Move(JsonNode root, JsonPointer from, JsonPointer path)
    {
        if (path.IsBelow(from))
        {
            throw Refused($"{from.Text} cannot move into itself");
        }

        if (path.Text == from.Text)
        {
            Find(root, from);
            return root;
        }

        Remove(root, from, out var value);
        return Add(root, path, value);
    }

    private static JsonNode? Copy(JsonNode? value, ref long copied)
    {
        if (NestingDepth.FindTooDeep(value) is { } deep)
        {
            throw TooDeep(deep);
        }

        copied += value is null ? 0 : ObjectEncoding.EncodeValue(value).Length;
        return copied <= MostCopiedBytes
            ? value?.DeepClone()
            : throw Refused($"Unable to complete the copy, the accumulated size increase of copy is {copied}, exceeding the limit {MostCopiedBytes}");
    }

    private static JsonNode Test(JsonNode root, JsonPointer path, JsonNode? value)
    {
        // As in Kubernetes an absent place passes for null.
        path.TryGet(root, out var actual);
        return JsonNode.DeepEquals(actual, value) ? root : throw Refused($"testing value {path.Text} failed: test failed");
    }

    private static JsonNode? Find(JsonNode root, JsonPointer path) =>
        path.TryGet(root, out var value) ? value : throw Missing(path);

    private static JsonPointer Pointer(JsonObject operation, string member)
    {
        var text = operation[member].AsString() ?? throw Malformed(operation, $"has no {member}");
        return JsonPointer.TryParse(text) ?? throw Malformed(operation, $"has a {member} that is not a JSON pointer, \"{text}\"");
    }

    private static JsonNode? Value(JsonObject operation) =>
        operation.TryGetPropertyValue("value", out var value) ? value : throw Malformed(operation, "has no value");

    private static ApiException TooDeep(JsonNode place)
    {
        var errors = new FieldErrors();
        errors.Invalid("patch", StrictDecoding.Shown(JsonPaths.PathOf(place), MostShown), $"the patched object nests deeper than {JsonDecoder.DeepestNesting}");
        return new ApiException(errors.ToStatus(new GroupVersionKind("", "", ""), ""));
    }

    private static ApiException Missing(JsonPointer path) => Refused($"there is nothing at {path.Text}");

    private static ApiException Malformed(JsonObject operation, string detail) => Malformed($"operation {operation.GetElementIndex()} {detail}");

    private static ApiException Malformed(string detail) => new(StatusReason.BadRequest, "invalid JSON patch: " + detail);

    private static ApiException Refused(string detail) => new(
        new ApiStatus(StatusReason.Invalid, "the server rejected our request due to an error in our request")
        {
            Causes = [new StatusCause("UnexpectedServerResponse", detail)],
        });
}
