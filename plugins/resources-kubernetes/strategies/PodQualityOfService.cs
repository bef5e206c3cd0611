using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>The class that tells which pods a node under pressure takes down first.</summary>
internal static class PodQualityOfService
{
    private static readonly string[] Resources = ["cpu", "memory"];

    public static string Of(JsonObject spec)
    {
        var (any, guaranteed) = (false, true);
        foreach (var container in spec.Objects("initContainers").Concat(spec.Objects("containers")))
        {
            foreach (var resource in Resources)
            {
                var limit = Amount(container, "limits", resource);
                var request = Amount(container, "requests", resource);
                any |= !limit.IsZero || !request.IsZero;
                guaranteed &= !limit.IsZero && request == limit;
            }
        }

        return (any, guaranteed) switch
        {
            (false, _) => "BestEffort",
            (true, true) => "Guaranteed",
            _ => "Burstable",
        };
    }

    private static Quantity Amount(JsonObject container, string list, string resource) =>
        Quantity.TryParse(container.GetString($"resources.{list}.{resource}"), out var amount) ? amount : Quantity.Zero;
}
