using System.Text.Json.Nodes;
using Modular.Models;

namespace Modular.Plugins.Controllers.BuiltInObjects;

/// <summary>The classes of pods without which a node or a cluster does not work.</summary>
internal static class SystemPriorities
{
    public static IReadOnlyList<BuiltInObject> All { get; } =
    [
        Class("system-node-critical", 2_000_001_000, "For pods that a node cannot do without, and that cannot run on another one instead."),
        Class("system-cluster-critical", 2_000_000_000, "For pods that the cluster cannot do without, on whatever node they run."),
    ];

    private static BuiltInObject Class(string name, long value, string description) => new(KubernetesResources.PriorityClasses, new JsonObject
    {
        ["apiVersion"] = "scheduling.k8s.io/v1",
        ["kind"] = "PriorityClass",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["value"] = value,
        ["description"] = description,
    });
}
