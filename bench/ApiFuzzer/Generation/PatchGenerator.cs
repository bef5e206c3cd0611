using System.Text.Json.Nodes;

namespace Modular.ApiFuzzer;

/// <summary>Makes patches of objects.</summary>
internal static class PatchGenerator
{
    private static readonly string[] Operations = ["add", "add", "replace", "remove", "move", "copy", "test", "Add", ""];

    /// <summary>The operations of a JSON patch.</summary>
    public static JsonNode Operate(JsonObject target, Dice dice)
    {
        var operations = new JsonArray();
        for (var i = dice.Next(4) + 1; i > 0; i--)
        {
            var operation = new JsonObject { ["op"] = dice.Pick(Operations), ["path"] = Place(target, dice) };
            if (dice.Chance(80))
            {
                operation["value"] = OddValues.Node(dice);
            }

            if (dice.Chance(60))
            {
                operation["from"] = Place(target, dice);
            }

            if (dice.Chance(3))
            {
                operation[dice.Pick("op", "path", "from", "value", "a")] = OddValues.Node(dice);
            }

            operations.Add((JsonNode)operation);
        }

        return dice.Next(60) switch
        {
            0 => OddValues.Node(dice) ?? new JsonObject(),
            1 => Deepening(dice),
            2 => Doubling(),
            _ => operations,
        };
    }

    /// <summary>A merge patch, or one with the directives of a strategic merge.</summary>
    public static JsonNode Merge(JsonObject target, Schema schema, bool strategic, Dice dice)
    {
        var patch = dice.Chance(50) ? (JsonObject)target.DeepClone() : [];
        if (dice.Chance(70))
        {
            patch.Remove("metadata");
        }

        for (var i = dice.Next(3); i > 0; i--)
        {
            JsonMutation.Mutate(patch, dice);
        }

        if (dice.Chance(40))
        {
            ObjectGenerator.Fill(patch, schema, dice);
        }

        if (strategic && dice.Chance(60))
        {
            Direct(patch, dice);
        }

        return dice.Chance(98) ? patch : OddValues.Node(dice) ?? new JsonObject();
    }

    private static string Place(JsonObject target, Dice dice)
    {
        var pointer = JsonMutation.Pointer(target, dice);
        return dice.Next(12) switch
        {
            0 => pointer + "/-",
            1 => pointer + "/" + dice.Pick("0", "-1", "00", "1", "99999999999", "a", "", "~", "~2", "~0~1"),
            2 => OddValues.Text(dice),
            3 => "/metadata/" + dice.Pick("managedFields", "name", "uid", "labels", "annotations", "finalizers", "ownerReferences", "resourceVersion", "deletionTimestamp"),
            _ => pointer,
        };
    }

    /// <summary>Puts the document into itself until it is too deep.</summary>
    private static JsonArray Deepening(Dice dice)
    {
        var place = dice.Pick("/metadata/annotations", "/spec", "/data", "/status");
        var operations = new JsonArray();
        var path = place;
        for (var i = dice.Pick(100, 240, 270); i > 0; i--)
        {
            operations.Add((JsonNode)new JsonObject { ["op"] = "add", ["path"] = path, ["value"] = new JsonObject() });
            path += "/a";
        }

        return operations;
    }

    private static JsonArray Doubling()
    {
        var operations = new JsonArray { (JsonNode)new JsonObject { ["op"] = "add", ["path"] = "/data", ["value"] = new JsonObject { ["a"] = "aaaaaaaaaa" } } };
        for (var i = 0; i < 40; i++)
        {
            operations.Add((JsonNode)new JsonObject { ["op"] = "copy", ["from"] = "/data", ["path"] = $"/data/a{i}" });
        }

        return operations;
    }

    private static void Direct(JsonObject patch, Dice dice)
    {
        var places = new List<JsonNode>();
        Collect(patch, places);
        var place = dice.Pick(places);
        if (place is JsonArray array)
        {
            array.Insert(0, dice.Pick<JsonNode>(new JsonObject { ["$patch"] = "replace" }, new JsonObject { ["$patch"] = "delete", ["name"] = "a" }, new JsonObject { ["$patch"] = "delete" }, new JsonObject { ["$patch"] = 1 }));
            return;
        }

        var obj = (JsonObject)place;
        var (name, value) = dice.Pick<(string, JsonNode?)>(
            ("$patch", "replace"), ("$patch", "delete"), ("$patch", "merge"), ("$patch", "bogus"), ("$patch", OddValues.Node(dice)), ("$retainKeys", new JsonArray("a")), ("$retainKeys", OddValues.Node(dice)),
            ("$setElementOrder/containers", new JsonArray(new JsonObject { ["name"] = "a" })), ("$setElementOrder/containers", OddValues.Node(dice)), ("$deleteFromPrimitiveList/finalizers", new JsonArray("a")),
            ("$deleteFromPrimitiveList/finalizers", OddValues.Node(dice)), ("$setElementOrder/finalizers", new JsonArray("a", 1)), ("$setElementOrder/ports", new JsonArray(new JsonObject { ["containerPort"] = 80 })));
        obj[name] = value;
    }

    private static void Collect(JsonNode node, List<JsonNode> places)
    {
        places.Add(node);
        foreach (var child in node is JsonObject obj ? obj.Select(m => m.Value) : ((JsonArray)node).AsEnumerable())
        {
            if (child is JsonObject or JsonArray)
            {
                Collect(child, places);
            }
        }
    }
}
