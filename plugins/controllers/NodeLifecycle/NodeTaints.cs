using System.Globalization;
using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Toolkit;

namespace Modular.Plugins.Controllers.NodeLifecycle;

/// <summary>Keeps pods away from nodes that are not ready or unreachable; leaves the taints of others alone.</summary>
internal sealed class NodeTaints(IApiClient api, TimeProvider time)
{
    private const string NotReady = "node.kubernetes.io/not-ready";
    private const string Unreachable = "node.kubernetes.io/unreachable";

    /// <summary>Sets the taints that belong to a status of the condition Ready.</summary>
    public async ValueTask SetAsync(ApiObject known, string ready, CancellationToken cancellationToken)
    {
        var wanted = ready switch
        {
            "Unknown" => Unreachable,
            "False" => NotReady,
            _ => "",
        };
        if (Changed(known.AsNode().Spec.Taints, wanted) is null)
        {
            return;
        }

        var name = new ResourceName(KubernetesResources.Nodes, "", known.Metadata.Name);
        try
        {
            var obj = await api.GetAsync(name, cancellationToken).ConfigureAwait(false);
            if (Changed(obj.AsNode().Spec.Taints, wanted) is { } taints)
            {
                var patch = new JsonObject
                {
                    ["metadata"] = new JsonObject { ["resourceVersion"] = obj.Revision.ToString(CultureInfo.InvariantCulture) },
                    ["spec"] = new JsonObject { ["taints"] = taints.Count == 0 ? null : taints },
                };
                await api.PatchAsync(name, PatchType.Merge, patch, "", cancellationToken).ConfigureAwait(false);
            }
        }
        catch (ApiException error) when (error.Reason == StatusReason.NotFound)
        {
            // A node that is gone needs no taint.
        }
    }

    private JsonArray? Changed(IReadOnlyList<NodeTaint> present, string wanted)
    {
        var taints = new JsonArray();
        var changed = false;
        foreach (var taint in present)
        {
            if (taint.Key is NotReady or Unreachable && taint.Key != wanted)
            {
                changed = true;
            }
            else
            {
                taints.Add((JsonNode)Taint(taint.Key, taint.Value, taint.Effect, taint.TimeAdded));
            }
        }

        foreach (var effect in wanted.Length == 0 ? [] : (string[])["NoSchedule", "NoExecute"])
        {
            if (!present.Any(t => t.Key == wanted && t.Effect == effect))
            {
                taints.Add((JsonNode)Taint(wanted, "", effect, time.GetUtcNow()));
                changed = true;
            }
        }

        return changed ? taints : null;
    }

    private static JsonObject Taint(string key, string value, string effect, DateTimeOffset? added)
    {
        var taint = new JsonObject { ["key"] = key, ["effect"] = effect };
        if (value.Length > 0)
        {
            taint["value"] = value;
        }

        if (added is { } at)
        {
            taint["timeAdded"] = StatusPatch.Timestamp(at);
        }

        return taint;
    }
}
