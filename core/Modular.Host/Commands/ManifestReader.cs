using System.Text.Json.Nodes;
using Modular.ApiServer;

namespace Modular.Host.Commands;

/// <summary>Reads objects from YAML or JSON files, folders of them, or standard input.</summary>
internal static class ManifestReader
{
    private static readonly string[] Endings = [".yaml", ".yml", ".json"];

    public static IReadOnlyList<JsonObject> Read(IEnumerable<string> files)
    {
        var objects = new List<JsonObject>();
        foreach (var file in files)
        {
            if (file == "-")
            {
                Add(objects, "standard input", Console.In.ReadToEnd());
            }
            else if (Directory.Exists(file))
            {
                foreach (var path in Directory.EnumerateFiles(file).Where(p => Endings.Contains(Path.GetExtension(p))).Order(StringComparer.Ordinal))
                {
                    Add(objects, path, File.ReadAllText(path));
                }
            }
            else if (File.Exists(file))
            {
                Add(objects, file, File.ReadAllText(file));
            }
            else if (file.StartsWith("http://", StringComparison.Ordinal) || file.StartsWith("https://", StringComparison.Ordinal))
            {
                throw new CommandException($"{file} is not a file; fetch it first: curl -fsSL {file} | modular apply -f -");
            }
            else
            {
                throw new CommandException($"{file} does not exist");
            }
        }

        return objects.Count > 0 ? objects : throw new CommandException("the files hold no objects");
    }

    private static void Add(List<JsonObject> objects, string source, string text)
    {
        IReadOnlyList<JsonNode?> documents;
        try
        {
            documents = YamlDecoder.DecodeAll(text);
        }
        catch (YamlDotNet.Core.YamlException e)
        {
            throw new CommandException($"{source}, line {e.Start.Line}: not YAML or JSON: {(e.InnerException ?? e).Message}");
        }

        foreach (var document in documents)
        {
            switch (document)
            {
                case null:
                    continue;
                case JsonObject list when list["kind"] is JsonValue kind && kind.ToString() == "List" && list["items"] is JsonArray items:
                    foreach (var item in items)
                    {
                        objects.Add(Check(item, source));
                    }

                    break;
                default:
                    objects.Add(Check(document, source));
                    break;
            }
        }
    }

    private static JsonObject Check(JsonNode? node, string source)
    {
        if (node is not JsonObject obj)
        {
            throw new CommandException($"{source}: a document is not an object; each needs apiVersion, kind and metadata");
        }

        foreach (var field in (ReadOnlySpan<string>)["apiVersion", "kind"])
        {
            if (obj[field] is not JsonValue value || !value.TryGetValue<string>(out var text) || text.Length == 0)
            {
                throw new CommandException($"{source}: {field} is not set; add for example {(field == "kind" ? "kind: Pod" : "apiVersion: v1")}");
            }
        }

        var name = obj["metadata"]?["name"] ?? obj["metadata"]?["generateName"];
        return name is null ? throw new CommandException($"{source}: metadata.name is not set; give the {obj["kind"]} a name") : obj;
    }
}
