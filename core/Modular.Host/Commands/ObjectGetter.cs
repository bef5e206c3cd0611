using System.Text.Json;
using System.Text.Json.Nodes;
using Modular.Host.Client;
using Modular.Host.Output;

namespace Modular.Host.Commands;

/// <summary>
/// Prints whole objects, as YAML, JSON or names. A watch prints each by itself, a get all as one document. Who owns which fields is shown only if asked for.
/// </summary>
internal sealed class ObjectGetter(ApiConnection api, string ns, string query, string output, bool withOwners)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public async Task<int> PrintAsync(IReadOnlyList<ObjectArgument> targets, bool watch, CancellationToken cancellationToken)
    {
        var objects = new List<JsonObject>();
        var revision = "";
        foreach (var target in targets)
        {
            revision = await ReadAsync(target, objects, cancellationToken);
        }

        if (!watch)
        {
            PrintAll(objects, targets);
            return 0;
        }

        var first = targets[0];
        foreach (var obj in objects)
        {
            PrintOne(obj, first.Resource);
        }

        var path = GetCommand.WatchPath(first.Resource, ns, first.Name, query, revision);
        await foreach (var change in api.WatchAsync(path, "application/json", cancellationToken))
        {
            var obj = Shown(GetCommand.Changed(change));
            if (change["type"]!.GetValue<string>() != "BOOKMARK")
            {
                PrintOne(obj, first.Resource);
            }
        }

        return 0;
    }

    /// <summary>Reads an object or a list, and answers its revision.</summary>
    private async Task<string> ReadAsync(ObjectArgument target, List<JsonObject> objects, CancellationToken cancellationToken)
    {
        if (target.Name.Length > 0)
        {
            var obj = await api.GetAsync(target.Resource.Path(ns, target.Name), cancellationToken);
            objects.Add(Shown(obj));
            return obj["metadata"]!["resourceVersion"]!.GetValue<string>();
        }

        var list = await api.GetAsync(target.Resource.Path(ns) + query, cancellationToken);
        foreach (var item in list["items"]!.AsArray())
        {
            // List items may carry no type of their own; a file that is applied again needs it.
            var whole = new JsonObject { ["apiVersion"] = target.Resource.GroupVersion, ["kind"] = target.Resource.Kind };
            foreach (var (name, value) in item!.AsObject().Where(member => member.Key is not ("apiVersion" or "kind")))
            {
                whole[name] = value?.DeepClone();
            }

            objects.Add(Shown(whole));
        }

        return list["metadata"]!["resourceVersion"]!.GetValue<string>();
    }

    private JsonObject Shown(JsonObject obj)
    {
        if (!withOwners && obj["metadata"] is JsonObject metadata)
        {
            metadata.Remove("managedFields");
        }

        return obj;
    }

    private void PrintAll(List<JsonObject> objects, IReadOnlyList<ObjectArgument> targets)
    {
        if (output == "name")
        {
            foreach (var obj in objects)
            {
                PrintOne(obj, targets.First(t => t.Resource.Kind == obj["kind"]!.GetValue<string>()).Resource);
            }

            return;
        }

        var single = objects.Count == 1 && targets.Count == 1 && targets[0].Name.Length > 0;
        var document = single ? objects[0] : new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "List",
            ["metadata"] = new JsonObject { ["resourceVersion"] = "" },
            ["items"] = new JsonArray([.. objects]),
        };
        Console.Write(output == "yaml" ? YamlText.Write(document) : document.ToJsonString(Indented) + "\n");
    }

    private void PrintOne(JsonObject obj, DiscoveredResource resource) => Console.Write(output switch
    {
        "name" => $"{resource.DisplayName}/{obj["metadata"]!["name"]}\n",
        "yaml" => "---\n" + YamlText.Write(obj),
        _ => obj.ToJsonString(Indented) + "\n",
    });
}
