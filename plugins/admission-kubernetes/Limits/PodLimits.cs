using System.Text.Json.Nodes;
using Modular.Toolkit;

namespace Modular.Plugins.AdmissionKubernetes.Limits;

/// <summary>Pods and their containers within the bounds of a limit range.</summary>
internal static class PodLimits
{
    public static void Check(JsonObject limit, JsonObject pod, List<string> reasons)
    {
        if (pod["spec"] is not JsonObject spec)
        {
            return;
        }

        switch (limit.GetString("type"))
        {
            case "Container":
                var bounds = new LimitBounds(limit);
                foreach (var container in spec.Objects("containers").Concat(spec.Objects("initContainers")))
                {
                    bounds.Check(PodAmounts.RequestsOf(container), PodAmounts.LimitsOf(container), reasons);
                }

                break;
            case "Pod":
                new LimitBounds(limit).Check(PodAmounts.Requests(spec), PodAmounts.Limits(spec), reasons);
                break;
        }
    }
}
