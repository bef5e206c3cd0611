using System.Text.Json.Nodes;

namespace Modular.ApiMachinery.Tests;

/// <summary>Objects with few names, so that two of them overlap.</summary>
internal static class RandomJson
{
    public static JsonObject Make(Random random, int depth)
    {
        var obj = new JsonObject();
        foreach (var name in "abcd")
        {
            var choice = random.Next(6);
            if (choice < 5)
            {
                obj[name.ToString()] = choice switch
                {
                    0 => null,
                    1 => random.Next(3),
                    2 => "text" + random.Next(3),
                    3 => new JsonArray(random.Next(3), "x"),
                    _ => depth > 0 ? Make(random, depth - 1) : true,
                };
            }
        }

        return obj;
    }
}
