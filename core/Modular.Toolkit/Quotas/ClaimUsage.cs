using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Toolkit;

/// <summary>What a claim of a volume uses besides being one, as a whole and of its class.</summary>
internal static class ClaimUsage
{
    public static void Add(JsonObject spec, Dictionary<string, Quantity> usage)
    {
        var prefix = spec["storageClassName"].AsString() is { Length: > 0 } name ? name + QuotaNames.OfStorageClass : null;
        if (prefix is not null)
        {
            usage[prefix + "persistentvolumeclaims"] = Quantity.From(1);
        }

        if (PodAmounts.RequestsOf(spec).TryGetValue("storage", out var size))
        {
            usage[QuotaNames.Storage] = size;
            if (prefix is not null)
            {
                usage[prefix + QuotaNames.Storage] = size;
            }
        }
    }
}
