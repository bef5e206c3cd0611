using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Modular.ApiServer;

namespace Modular.Host.Output;

/// <summary>Writes JSON as YAML the way Kubernetes' tools do: block style, keys in order, strings quoted only where YAML needs it.</summary>
internal static class YamlText
{
    public static string Write(JsonNode? node)
    {
        var yaml = new ArrayBufferWriter<byte>();
        YamlEncoder.Encode(Encoding.UTF8.GetBytes(Sorted(node)?.ToJsonString() ?? "null"), yaml);
        return Encoding.UTF8.GetString(yaml.WrittenSpan);
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject obj => new JsonObject(obj.OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => KeyValuePair.Create(member.Key, Sorted(member.Value)))),
        JsonArray array => new JsonArray([.. array.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
