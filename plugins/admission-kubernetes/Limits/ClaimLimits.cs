using System.Text.Json.Nodes;
using Modular.Toolkit;

namespace Modular.Plugins.AdmissionKubernetes.Limits;

/// <summary>Claims of volumes within the bounds of a limit range.</summary>
internal static class ClaimLimits
{
    public static void Check(JsonObject limit, JsonObject claim, List<string> reasons)
    {
        if (limit.GetString("type") == "PersistentVolumeClaim" && claim["spec"] is JsonObject spec)
        {
            new LimitBounds(limit).Check(PodAmounts.RequestsOf(spec), reasons);
        }
    }
}
