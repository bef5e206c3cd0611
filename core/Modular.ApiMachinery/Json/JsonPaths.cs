using System.Text;
using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>
/// Reads and writes fields by dotted path, such as <c>spec.nodeName</c>. Reading is forgiving: an absent field, or one of another JSON
/// type, is null. Names with dots in them (labels) are not reachable this way.
/// </summary>
public static class JsonPaths
{
    /// <summary>The node at the path.</summary>
    public static JsonNode? Get(this JsonObject obj, string path)
    {
        JsonNode? node = obj;
        foreach (var range in path.AsSpan().Split('.'))
        {
            if (node is not JsonObject parent || !parent.TryGetPropertyValue(path[range], out node))
            {
                return null;
            }
        }

        return node;
    }

    /// <summary>The object at the path.</summary>
    public static JsonObject? GetObject(this JsonObject obj, string path) => obj.Get(path) as JsonObject;

    /// <summary>The array at the path.</summary>
    public static JsonArray? GetArray(this JsonObject obj, string path) => obj.Get(path) as JsonArray;

    /// <summary>The objects in the array at the path, in order; none if there is no array. Entries of other types are left out.</summary>
    public static IEnumerable<JsonObject> Objects(this JsonObject obj, string path)
    {
        if (obj.GetArray(path) is { } entries)
        {
            foreach (var entry in entries)
            {
                if (entry is JsonObject found)
                {
                    yield return found;
                }
            }
        }
    }

    /// <summary>The string at the path.</summary>
    public static string? GetString(this JsonObject obj, string path) => obj.Get(path).AsString();

    /// <summary>The whole number at the path.</summary>
    public static long? GetInt64(this JsonObject obj, string path) => obj.Get(path).AsInt64();

    /// <summary>True or false at the path.</summary>
    public static bool? GetBoolean(this JsonObject obj, string path) => obj.Get(path).AsBoolean();

    /// <summary>Sets the field at the path and makes the objects on the way.</summary>
    /// <exception cref="InvalidOperationException">Something on the way is not an object.</exception>
    public static void Set(this JsonObject obj, string path, JsonNode? value)
    {
        var last = path.LastIndexOf('.');
        var parent = last < 0 ? obj : obj.GetOrAddObject(path[..last]);
        parent[path[(last + 1)..]] = value;
    }

    /// <summary>The object at the path, made if it is absent or null.</summary>
    /// <exception cref="InvalidOperationException">Something on the way is not an object.</exception>
    public static JsonObject GetOrAddObject(this JsonObject obj, string path)
    {
        var current = obj;
        foreach (var range in path.AsSpan().Split('.'))
        {
            var name = path[range];
            var child = current[name];
            if (child is null)
            {
                child = new JsonObject();
                current[name] = child;
            }

            current = child as JsonObject ?? throw new InvalidOperationException($"{path}: {name} is not an object");
        }

        return current;
    }

    /// <summary>Takes the field at the path away; false if it was not there.</summary>
    public static bool RemovePath(this JsonObject obj, string path)
    {
        var last = path.LastIndexOf('.');
        var parent = last < 0 ? obj : obj.GetObject(path[..last]);
        return parent is not null && parent.Remove(propertyName: path[(last + 1)..]);
    }

    /// <summary>The string map at the path; empty if it is absent. Values that are no strings are left out.</summary>
    public static Dictionary<string, string> GetStringMap(this JsonObject obj, string path)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        if (obj.Get(path) is JsonObject members)
        {
            foreach (var (key, node) in members)
            {
                if (node.AsString() is { } text)
                {
                    map[key] = text;
                }
            }
        }

        return map;
    }

    /// <summary>Where a node stands below its root, as errors name it: <c>spec.containers[0].name</c>. Empty for the root.</summary>
    public static string PathOf(JsonNode node)
    {
        if (node.Parent is null)
        {
            return "";
        }

        var steps = new Stack<JsonNode>();
        for (var at = node; at.Parent is not null; at = at.Parent)
        {
            steps.Push(at);
        }

        var path = new StringBuilder();
        foreach (var step in steps)
        {
            if (step.Parent is JsonArray)
            {
                path.Append('[').Append(step.GetElementIndex()).Append(']');
            }
            else
            {
                path.Append(path.Length > 0 ? "." : "").Append(step.GetPropertyName());
            }
        }

        return path.ToString();
    }

    /// <summary>The path of a field of the object at a path.</summary>
    public static string Join(string path, string field) => path.Length == 0 ? field : $"{path}.{field}";
}
