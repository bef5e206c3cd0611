using System.Text.Json.Nodes;
using Modular.Models;

namespace Modular.Plugins.Controllers.BuiltInObjects;

/// <summary>The priority levels that Kubernetes divides requests into, with its figures.</summary>
internal static class FlowControlLevels
{
    private const int QueueLength = 50;

    public static IReadOnlyList<BuiltInObject> All { get; } =
    [
        Level("exempt", new JsonObject { ["type"] = "Exempt", ["exempt"] = new JsonObject { ["nominalConcurrencyShares"] = 0, ["lendablePercent"] = 0 } }),
        Level("catch-all", Limited(5, 0, new JsonObject { ["type"] = "Reject" })),
        Level("system", Queued(30, 33, 64, 6)),
        Level("node-high", Queued(40, 25, 64, 6)),
        Level("leader-election", Queued(10, 0, 16, 4)),
        Level("workload-high", Queued(40, 50, 128, 6)),
        Level("workload-low", Queued(100, 90, 128, 6)),
        Level("global-default", Queued(20, 50, 128, 6)),
    ];

    private static JsonObject Queued(int shares, int lendable, int queues, int hand) => Limited(shares, lendable, new JsonObject
    {
        ["type"] = "Queue",
        ["queuing"] = new JsonObject { ["queues"] = queues, ["handSize"] = hand, ["queueLengthLimit"] = QueueLength },
    });

    private static JsonObject Limited(int shares, int lendable, JsonObject response) => new()
    {
        ["type"] = "Limited",
        ["limited"] = new JsonObject { ["nominalConcurrencyShares"] = shares, ["lendablePercent"] = lendable, ["limitResponse"] = response },
    };

    private static BuiltInObject Level(string name, JsonObject spec) => new(KubernetesResources.PriorityLevelConfigurations, new JsonObject
    {
        ["apiVersion"] = "flowcontrol.apiserver.k8s.io/v1",
        ["kind"] = "PriorityLevelConfiguration",
        ["metadata"] = FlowControlSchemas.Metadata(name),
        ["spec"] = spec,
    });
}
