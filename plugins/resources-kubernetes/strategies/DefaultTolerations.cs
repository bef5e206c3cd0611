using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Lets pods bear for a while that their node does not answer, unless they say themselves how long.</summary>
internal static class DefaultTolerations
{
    private const long Seconds = 300;
    private static readonly string[] Taints = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

    public static void Apply(JsonObject spec)
    {
        if (spec.GetArray("tolerations") is not { } tolerations)
        {
            spec["tolerations"] = tolerations = [];
        }

        foreach (var taint in Taints)
        {
            if (!spec.Objects("tolerations").Any(toleration => Covers(toleration, taint)))
            {
                tolerations.Add((JsonNode)new JsonObject
                {
                    ["key"] = taint,
                    ["operator"] = "Exists",
                    ["effect"] = "NoExecute",
                    ["tolerationSeconds"] = Seconds,
                });
            }
        }
    }

    private static bool Covers(JsonObject toleration, string taint) =>
        (toleration.GetString("key") is null or "" || toleration.GetString("key") == taint)
        && toleration.GetString("effect") is null or "" or "NoExecute";
}
