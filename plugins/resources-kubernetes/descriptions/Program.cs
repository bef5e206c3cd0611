using System.IO.Compression;
using System.Text.Json;
using Modular.Descriptions;
using Modular.Plugins.ResourcesKubernetes.Schemas;

// Writes the descriptions of the table's types and fields, as compressed JSON, from the XML documentation of the KubernetesClient package.
// Usage: descriptions DOCUMENTATION.xml TYPES.txt DESCRIPTIONS.json.br
if (args.Length != 3)
{
    Console.Error.WriteLine("usage: descriptions DOCUMENTATION.xml TYPES.txt DESCRIPTIONS.json.br");
    return 2;
}

ModelDocumentation documentation;
using (var xml = File.OpenRead(args[0]))
{
    documentation = ModelDocumentation.Read(xml);
}

using var file = File.Create(args[2]);
using var compressed = new BrotliStream(file, CompressionLevel.SmallestSize);
using var json = new Utf8JsonWriter(compressed);
json.WriteStartObject();
var (type, model) = ("", "");
foreach (var (indented, line) in TableLine.Read(File.ReadAllText(args[1])))
{
    if (!indented)
    {
        type = line[1];
        model = documentation.ModelOf(type);
        Write(type, documentation.OfModel(model));
    }
    else if (line[0] != "inline")
    {
        Write($"{type}.{line[0]}", documentation.OfField(model, line[0]));
    }
}

json.WriteEndObject();
return 0;

void Write(string name, string description)
{
    if (description.Length > 0)
    {
        json.WriteString(name, description);
    }
}
