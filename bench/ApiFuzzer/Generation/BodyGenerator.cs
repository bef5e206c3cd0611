using System.Text;
using System.Text.Json.Nodes;
using Modular.EndToEnd;

namespace Modular.ApiFuzzer;

/// <summary>Makes bodies, each with its media type.</summary>
internal static class BodyGenerator
{
    private static readonly string[] OtherTypes =
        ["", "text/plain", "application/json; charset=utf-16", "application/xml", "application/json;", ";", "multipart/form-data; boundary=a", "APPLICATION/JSON", "application/json-patch+json", "application/vnd.kubernetes.protobuf;stream=watch"];

    /// <summary>An object of a kind, before anything is done to it.</summary>
    public static JsonObject Sample(ResourceDefinition kind, string name, Dice dice)
    {
        var sample = KindSamples.All.TryGetValue(kind.Resource.ToString(), out var members) ? JsonNode.Parse(members)!.AsObject() : [];
        sample["apiVersion"] = kind.Kind.ApiVersion;
        sample["kind"] = kind.Kind.Kind;
        var metadata = new JsonObject();
        if (dice.Chance(95))
        {
            metadata["name"] = name;
        }
        else
        {
            metadata["generateName"] = dice.Chance(80) ? "sample-" : OddValues.Text(dice);
        }

        if (dice.Chance(30))
        {
            metadata["labels"] = new JsonObject { ["a"] = "b" };
        }

        sample["metadata"] = metadata;
        return sample;
    }

    /// <summary>An object that was changed in some places, in one of the forms.</summary>
    public static (byte[] Body, string Type) Object(JsonObject obj, Schema? schema, Dice dice)
    {
        if (schema is not null && dice.Chance(30))
        {
            ObjectGenerator.Fill(obj, schema, dice);
        }

        for (var i = dice.Pick(0, 0, 1, 1, 1, 3); i > 0; i--)
        {
            JsonMutation.Mutate(obj, dice);
        }

        var (body, type) = Write(obj, schema, dice);
        return dice.Chance(3) ? (body, dice.Pick(OtherTypes)) : (body, type);
    }

    /// <summary>Any JSON, now and then spoiled.</summary>
    public static byte[] Json(JsonNode? node, Dice dice) => dice.Next(50) switch
    {
        0 => ByteMutation.Deep(dice),
        1 or 2 => ByteMutation.Mutate(JsonBytes.Of(node, dice), dice),
        3 => dice.Bytes(dice.Next(50)),
        _ => JsonBytes.Of(node, dice),
    };

    /// <summary>Any YAML, now and then spoiled.</summary>
    public static byte[] Yaml(JsonNode? node, Dice dice) => dice.Next(50) switch
    {
        0 => Encoding.UTF8.GetBytes(YamlText.Laughs(dice)),
        1 => Encoding.UTF8.GetBytes(YamlText.DeepAliases(dice)),
        2 => ByteMutation.Deep(dice),
        3 => dice.Bytes(dice.Next(50)),
        4 or 5 or 6 => ByteMutation.Mutate(Encoding.UTF8.GetBytes(YamlText.Of(node, dice)), dice),
        _ => Encoding.UTF8.GetBytes(YamlText.Of(node, dice)),
    };

    private static (byte[] Body, string Type) Write(JsonObject obj, Schema? schema, Dice dice) => dice.Next(10) switch
    {
        0 or 1 => (Yaml(obj, dice), "application/yaml"),
        2 or 3 or 4 when schema is not null && ProtobufFormat.Speaks(schema) && ProtobufMutation.Of(obj, schema, dice) is { } bytes => (bytes, ProtobufFormat.MediaType),
        _ => (Json(obj, dice), "application/json"),
    };
}
