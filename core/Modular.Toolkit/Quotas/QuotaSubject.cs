using System.Text.Json.Nodes;
using Modular.ApiMachinery;
using Modular.Models;

namespace Modular.Toolkit;

/// <summary>An object as quotas see it: what it uses of what can be limited, and what scopes look at. Forgiving: the object may be one that was not validated.</summary>
public sealed class QuotaSubject
{
    private QuotaSubject(IReadOnlyDictionary<string, Quantity> usage) => Usage = usage;

    /// <summary>What the object uses, under all names that a quota may call it by.</summary>
    public IReadOnlyDictionary<string, Quantity> Usage { get; }

    /// <summary>Whether it is a pod; scoped quotas count nothing else.</summary>
    public bool IsPod { get; private init; }

    /// <summary>Whether the pod ends at a deadline.</summary>
    public bool IsTerminating { get; private init; }

    /// <summary>Whether the pod asks for nothing.</summary>
    public bool IsBestEffort { get; private init; }

    /// <summary>Whether the pod wants to be near or far from pods of other namespaces.</summary>
    public bool LooksIntoOtherNamespaces { get; private init; }

    /// <summary>The pod's priority class; empty if it has none.</summary>
    public string PriorityClass { get; private init; } = "";

    /// <summary>Reads an object.</summary>
    public static QuotaSubject Of(GroupVersionResource resource, JsonObject obj)
    {
        var usage = new Dictionary<string, Quantity>(StringComparer.Ordinal)
        {
            [QuotaNames.CountOf(resource)] = Quantity.From(1),
        };
        if (QuotaNames.HasNameOfItsOwn(resource))
        {
            usage[resource.Resource] = Quantity.From(1);
        }

        var spec = obj["spec"] as JsonObject ?? [];
        if (resource == KubernetesResources.Services)
        {
            ServiceUsage.Add(spec, usage);
        }
        else if (resource == KubernetesResources.PersistentVolumeClaims)
        {
            ClaimUsage.Add(spec, usage);
        }
        else if (resource == KubernetesResources.Pods)
        {
            return OfPod(obj, spec, usage);
        }

        return new QuotaSubject(usage);
    }

    private static QuotaSubject OfPod(JsonObject pod, JsonObject spec, Dictionary<string, Quantity> usage)
    {
        if (pod.GetString("status.phase") is "Succeeded" or "Failed")
        {
            // It is an object still, but it takes nothing.
            usage.Remove(KubernetesResources.Pods.Resource);
        }
        else
        {
            PodUsage.Add(spec, usage);
        }

        return new QuotaSubject(usage)
        {
            IsPod = true,
            IsTerminating = spec["activeDeadlineSeconds"].AsInt64() >= 0,
            IsBestEffort = pod.GetString("status.qosClass") == "BestEffort",
            LooksIntoOtherNamespaces = PodUsage.LooksIntoOtherNamespaces(spec),
            PriorityClass = spec["priorityClassName"].AsString() ?? "",
        };
    }
}
