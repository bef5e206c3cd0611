using System.Text;
using System.Text.Json.Nodes;

namespace Modular.ApiMachinery.Tests;

/// <summary>A schema with one of everything: what the tests of the schema engine and of patches share.</summary>
internal static class SchemaFixture
{
    public static readonly GroupVersionKind Kind = new("apps", "v1", "Deployment");

    public static Schema Text { get; } = new() { Type = SchemaType.String };

    public static Schema Int32 { get; } = new() { Type = SchemaType.Integer, Format = "int32" };

    public static Schema TextMap { get; } = new() { Type = SchemaType.Object, AdditionalProperties = Text };

    public static Schema Port { get; } = Object("io.k8s.api.core.v1.ContainerPort", new()
    {
        ["containerPort"] = Int32,
        ["name"] = Text,
        ["protocol"] = new() { Type = SchemaType.String, Default = "TCP", Enum = ["TCP", "UDP", "SCTP"] },
    }, required: ["containerPort"]);

    public static Schema EnvVar { get; } = Object("io.k8s.api.core.v1.EnvVar", new() { ["name"] = Text, ["value"] = Text }, required: ["name"]);

    public static Schema Container { get; } = Object("io.k8s.api.core.v1.Container", new()
    {
        ["name"] = Text,
        ["image"] = Text,
        ["args"] = new() { Type = SchemaType.Array, Items = Text },
        ["ports"] = List(Port, "containerPort", "containerPort", "protocol"),
        ["env"] = List(EnvVar, "name", "name", allowDuplicates: true),
        ["limits"] = new() { Type = SchemaType.Object, AdditionalProperties = new() { Type = SchemaType.Quantity } },
        ["probePort"] = new() { Type = SchemaType.IntOrString },
        ["data"] = new() { Type = SchemaType.String, Format = "byte" },
        ["free"] = new() { Type = SchemaType.Object, PreserveUnknownFields = true },
        ["any"] = new() { Type = SchemaType.Any },
    }, required: ["name"]);

    public static Schema Meta { get; } = Object("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta", new()
    {
        ["name"] = Text,
        ["namespace"] = Text,
        ["labels"] = TextMap,
        ["annotations"] = TextMap,
        ["creationTimestamp"] = new() { Type = SchemaType.String, Format = "date-time" },
        ["seen"] = new() { Type = SchemaType.Object, AdditionalProperties = new() { Type = SchemaType.String, Format = "date-time" } },
        ["finalizers"] = new() { Type = SchemaType.Array, Items = Text, ListKind = ListKind.Set, PatchMerge = true },
    });

    public static Schema Deployment { get; } = Object("io.k8s.api.apps.v1.Deployment", new()
    {
        ["apiVersion"] = Text,
        ["kind"] = Text,
        ["metadata"] = Meta,
        ["spec"] = Object("io.k8s.api.apps.v1.DeploymentSpec", new()
        {
            ["replicas"] = new() { Type = SchemaType.Integer, Format = "int32", Default = 1 },
            ["ratio"] = new() { Type = SchemaType.Number },
            ["paused"] = new() { Type = SchemaType.Boolean },
            ["selector"] = new() { Type = SchemaType.Object, AdditionalProperties = Text, Immutable = true },
            ["containers"] = List(Container, "name", "name"),
            ["nullable"] = new() { Type = SchemaType.String, Nullable = true, Default = "x" },
            ["renewed"] = new() { Type = SchemaType.String, Format = "micro-time" },
            ["matcher"] = new() { Type = SchemaType.Object, AtomicMap = true, Properties = new() { ["labels"] = TextMap } },
            ["strategy"] = Object("io.k8s.api.apps.v1.DeploymentStrategy", new()
            {
                ["type"] = new() { Type = SchemaType.String, Default = "RollingUpdate" },
                ["rollingUpdate"] = Object("", new() { ["maxSurge"] = new() { Type = SchemaType.IntOrString } }),
            }, retainKeys: true),
            ["volumes"] = new()
            {
                Type = SchemaType.Array,
                Items = Object("io.k8s.api.core.v1.Volume", new()
                {
                    ["name"] = Text,
                    ["emptyDir"] = TextMap,
                    ["hostPath"] = TextMap,
                }),
                ListKind = ListKind.Map,
                ListMapKeys = ["name"],
                PatchMerge = true,
                PatchMergeKey = "name",
                PatchRetainKeys = true,
            },
        }),
        ["status"] = Object("", new() { ["replicas"] = Int32 }),
    }, required: ["spec"]);

    /// <summary>A schema that contains itself.</summary>
    public static Schema Tree { get; } = MakeTree();

    public static JsonObject Parse(string json) => JsonDecoder.DecodeObject(Encoding.UTF8.GetBytes(json), out _);

    public static Schema Object(
        string name, Dictionary<string, Schema> properties, IReadOnlyList<string>? required = null, bool retainKeys = false) => new()
        {
            Type = SchemaType.Object,
            Name = name,
            Properties = properties,
            Required = required ?? [],
            PatchRetainKeys = retainKeys,
        };

    private static Schema List(Schema items, string mergeKey, params string[] keys) => List(items, mergeKey, keys, allowDuplicates: false);

    private static Schema List(Schema items, string mergeKey, string key, bool allowDuplicates) => List(items, mergeKey, [key], allowDuplicates);

    private static Schema List(Schema items, string mergeKey, string[] keys, bool allowDuplicates) => new()
    {
        Type = SchemaType.Array,
        Items = items,
        ListKind = ListKind.Map,
        ListMapKeys = keys,
        PatchMerge = true,
        PatchMergeKey = mergeKey,
        AllowDuplicates = allowDuplicates,
    };

    private static Schema MakeTree()
    {
        var tree = Object("Tree", new() { ["size"] = new() { Type = SchemaType.Integer, Default = 1 } }, required: ["name"]);
        tree.Properties["name"] = Text;
        tree.Properties["left"] = tree;
        tree.Properties["children"] = new() { Type = SchemaType.Array, Items = tree };
        tree.Properties["named"] = new() { Type = SchemaType.Object, AdditionalProperties = tree };
        return tree;
    }
}
