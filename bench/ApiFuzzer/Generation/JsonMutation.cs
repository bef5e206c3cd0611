using System.Text.Json.Nodes;

namespace Modular.ApiFuzzer;

/// <summary>Changes single places of a JSON tree.</summary>
internal static class JsonMutation
{
    /// <summary>Changes one place.</summary>
    public static void Mutate(JsonObject root, Dice dice)
    {
        switch (Find(root, dice))
        {
            case JsonObject obj:
                MutateMember(obj, dice);
                break;
            case JsonArray array:
                MutateEntry(array, dice);
                break;
        }
    }

    /// <summary>The path of a place in the tree, as a JSON pointer.</summary>
    public static string Pointer(JsonObject root, Dice dice)
    {
        var pointer = "";
        JsonNode? node = root;
        while (!dice.Chance(15))
        {
            switch (node)
            {
                case JsonObject { Count: > 0 } obj:
                    var (name, value) = obj.GetAt(dice.Next(obj.Count));
                    pointer += "/" + name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
                    node = value;
                    break;
                case JsonArray { Count: > 0 } array:
                    var index = dice.Next(array.Count);
                    pointer += $"/{index}";
                    node = array[index];
                    break;
                default:
                    return pointer;
            }
        }

        return pointer;
    }

    /// <summary>A container somewhere in the tree.</summary>
    private static JsonNode Find(JsonNode root, Dice dice)
    {
        var found = root;
        while (!dice.Chance(25))
        {
            var next = found switch
            {
                JsonObject { Count: > 0 } obj => obj.GetAt(dice.Next(obj.Count)).Value,
                JsonArray { Count: > 0 } array => array[dice.Next(array.Count)],
                _ => null,
            };
            if (next is not (JsonObject or JsonArray))
            {
                break;
            }

            found = next;
        }

        return found;
    }

    private static void MutateMember(JsonObject obj, Dice dice)
    {
        var name = obj.Count > 0 ? obj.GetAt(dice.Next(obj.Count)).Key : "a";
        switch (dice.Next(6))
        {
            case 0:
                obj.Remove(name);
                break;
            case 1:
                obj[dice.Pick(OddValues.MemberNames)] = OddValues.Node(dice);
                break;
            case 2 when obj[name] is { } value:
                obj[name] = new JsonArray(value.DeepClone());
                break;
            case 3 when obj[name] is { } value:
                obj[name + dice.Pick("", "x", "\0")] = value.DeepClone();
                break;
            default:
                obj[name] = OddValues.Node(dice);
                break;
        }
    }

    private static void MutateEntry(JsonArray array, Dice dice)
    {
        switch (dice.Next(4))
        {
            case 0 when array.Count > 0:
                array.RemoveAt(dice.Next(array.Count));
                break;
            case 1 when array.Count > 0:
                array.Add(array[dice.Next(array.Count)]?.DeepClone());
                break;
            case 2 when array.Count > 0:
                array[dice.Next(array.Count)] = OddValues.Node(dice);
                break;
            default:
                array.Add(OddValues.Node(dice));
                break;
        }
    }
}
