using System.Text.Json.Nodes;
using Modular.Models;

namespace Modular.Plugins.Controllers.BuiltInObjects;

/// <summary>Which requests are of which priority level, as in Kubernetes.</summary>
internal static class FlowControlSchemas
{
    private const string ByUser = "ByUser";
    private const string ByNamespace = "ByNamespace";
    private const string ControllerManager = "system:kube-controller-manager";
    private const string Scheduler = "system:kube-scheduler";
    private const string Coordination = "coordination.k8s.io";
    private static readonly string[] Any = ["*"];
    private static readonly string[] OfElections = ["get", "create", "update"];

    public static IReadOnlyList<BuiltInObject> All { get; } =
    [
        Schema("exempt", "exempt", 1, null, Everything(Groups("system:masters"))),
        Schema("probes", "exempt", 2, null, new JsonObject
        {
            ["subjects"] = new JsonArray([.. Everybody()]),
            ["nonResourceRules"] = new JsonArray(Paths(["get"], ["/healthz", "/readyz", "/livez"])),
        }),
        Schema("system-leader-election", "leader-election", 100, ByUser,
            Of([.. Users(ControllerManager, Scheduler), .. SystemAccounts("*")], Resources(OfElections, Coordination, ["leases"]))),
        Schema("endpoint-controller", "workload-high", 150, ByUser,
            Of([.. Users(ControllerManager), .. SystemAccounts("endpoint-controller", "endpointslicemirroring-controller")], Resources(OfElections, "", ["endpoints"]))),
        Schema("workload-leader-election", "leader-election", 200, ByUser,
            Of(SystemAccounts("*"), Resources(OfElections, "", ["endpoints", "configmaps"]), Resources(OfElections, Coordination, ["leases"]))),
        Schema("system-node-high", "node-high", 400, ByUser,
            Of(Groups("system:nodes"), Resources(Any, "", ["nodes", "nodes/status"], clusterScope: true), Resources(Any, Coordination, ["leases"]))),
        Schema("system-nodes", "system", 500, ByUser, Everything(Groups("system:nodes"))),
        Schema("kube-controller-manager", "workload-high", 800, ByNamespace, Everything(Users(ControllerManager))),
        Schema("kube-scheduler", "workload-high", 800, ByNamespace, Everything(Users(Scheduler))),
        Schema("kube-system-service-accounts", "workload-high", 900, ByNamespace, Everything(SystemAccounts("*"))),
        Schema("service-accounts", "workload-low", 9000, ByUser, Everything(Groups("system:serviceaccounts"))),
        Schema("global-default", "global-default", 9900, ByUser, Everything(Everybody())),
        Schema("catch-all", "catch-all", 10000, ByUser, Everything(Everybody())),
    ];

    /// <summary>The metadata of what the server brings itself, as Kubernetes marks it.</summary>
    internal static JsonObject Metadata(string name) => new()
    {
        ["name"] = name,
        ["annotations"] = new JsonObject { ["apf.kubernetes.io/autoupdate-spec"] = "true" },
    };

    private static BuiltInObject Schema(string name, string level, int precedence, string? flows, JsonObject rule)
    {
        var spec = new JsonObject
        {
            ["priorityLevelConfiguration"] = new JsonObject { ["name"] = level },
            ["matchingPrecedence"] = precedence,
            ["rules"] = new JsonArray(rule),
        };
        if (flows is not null)
        {
            spec["distinguisherMethod"] = new JsonObject { ["type"] = flows };
        }

        return new BuiltInObject(KubernetesResources.FlowSchemas, new JsonObject
        {
            ["apiVersion"] = "flowcontrol.apiserver.k8s.io/v1",
            ["kind"] = "FlowSchema",
            ["metadata"] = Metadata(name),
            ["spec"] = spec,
        });
    }

    private static JsonObject Of(JsonObject[] subjects, params JsonObject[] resources) => new()
    {
        ["subjects"] = new JsonArray([.. subjects]),
        ["resourceRules"] = new JsonArray([.. resources]),
    };

    private static JsonObject Everything(JsonObject[] subjects) => new()
    {
        ["subjects"] = new JsonArray([.. subjects]),
        ["resourceRules"] = new JsonArray(Resources(Any, "*", Any, clusterScope: true)),
        ["nonResourceRules"] = new JsonArray(Paths(Any, Any)),
    };

    private static JsonObject Resources(string[] verbs, string group, string[] resources, bool clusterScope = false)
    {
        var rule = new JsonObject
        {
            ["verbs"] = Texts(verbs),
            ["apiGroups"] = Texts(group),
            ["resources"] = Texts(resources),
            ["namespaces"] = Texts(Any),
        };
        if (clusterScope)
        {
            rule["clusterScope"] = true;
        }

        return rule;
    }

    private static JsonObject Paths(string[] verbs, string[] paths) => new() { ["verbs"] = Texts(verbs), ["nonResourceURLs"] = Texts(paths) };

    private static JsonObject[] Everybody() => Groups("system:unauthenticated", "system:authenticated");

    private static JsonObject[] Groups(params string[] names) =>
        [.. names.Select(static name => new JsonObject { ["kind"] = "Group", ["group"] = new JsonObject { ["name"] = name } })];

    private static JsonObject[] Users(params string[] names) =>
        [.. names.Select(static name => new JsonObject { ["kind"] = "User", ["user"] = new JsonObject { ["name"] = name } })];

    private static JsonObject[] SystemAccounts(params string[] names) =>
    [
        .. names.Select(static name => new JsonObject
        {
            ["kind"] = "ServiceAccount",
            ["serviceAccount"] = new JsonObject { ["namespace"] = "kube-system", ["name"] = name },
        }),
    ];

    private static JsonArray Texts(params string[] texts) => [.. texts.Select(static text => (JsonNode)text)];
}
