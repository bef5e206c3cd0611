using System.Text.Json;
using System.Text.Json.Nodes;

namespace Modular.ApiServer.Tests;

/// <summary>Kinds of no meaning, with one of everything that discovery, tables and OpenAPI show.</summary>
internal static class Widgets
{
    public static readonly GroupVersionKind Kind = new("example.com", "v1", "Widget");

    public static readonly Schema PartSchema = new()
    {
        Type = SchemaType.Object,
        Name = "com.example.v1.Part",
        Description = "A part of a widget.",
        Properties = { ["name"] = new Schema { Type = SchemaType.String, Description = "The part's name." } },
        Required = ["name"],
    };

    public static readonly Schema MetadataSchema = new()
    {
        Type = SchemaType.Object,
        Name = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta",
        PreserveUnknownFields = true,
        Properties =
        {
            ["name"] = new Schema { Type = SchemaType.String },
            ["namespace"] = new Schema { Type = SchemaType.String },
            ["annotations"] = StringMap(),
            ["labels"] = StringMap(),
        },
    };

    public static readonly ResourceDefinition Definition = new()
    {
        Resource = new GroupVersionResource("example.com", "v1", "widgets"),
        Kind = Kind,
        Singular = "widget",
        ShortNames = ["wi"],
        Categories = ["all"],
        Namespaced = true,
        Schema = WidgetSchema(),
        Columns = [new ResourceColumn("Size", "integer", "", "How large."), new ResourceColumn("Color", "string", "", "Which color.", 1)],
        Table = new Renderer(),
        Subresources =
        [
            new Subresource { Name = "status", Type = SubresourceType.Status, Kind = Kind },
            new Subresource { Name = "scale", Type = SubresourceType.Scale, Kind = new GroupVersionKind("autoscaling", "v1", "Scale") },
            new Subresource { Name = "log", Type = SubresourceType.Connect, Kind = Kind, Verbs = ["get"] },
            new Subresource
            {
                Name = "binding", Type = SubresourceType.Action, Kind = new GroupVersionKind("example.com", "v1", "Binding"), Verbs = ["create"],
            },
            new Subresource { Name = "proxy", Type = SubresourceType.Proxy, Kind = Kind, Verbs = ["create", "delete", "get", "patch", "update"] },
        ],
    };

    public static readonly ResourceDefinition Namespaces = new()
    {
        Resource = new GroupVersionResource("", "v1", "namespaces"),
        Kind = new GroupVersionKind("", "v1", "Namespace"),
        Singular = "namespace",
        IsNamespaceKind = true,
        Schema = new Schema
        {
            Type = SchemaType.Object,
            Name = "io.k8s.api.core.v1.Namespace",
            Properties =
            {
                ["apiVersion"] = new Schema { Type = SchemaType.String },
                ["kind"] = new Schema { Type = SchemaType.String },
                ["metadata"] = MetadataSchema,
            },
        },
        Subresources = [new Subresource { Name = "status", Type = SubresourceType.Status, Kind = new GroupVersionKind("", "v1", "Namespace") }],
    };

    public static readonly ResourceDefinition OldWidgets = Definition with
    {
        Resource = new GroupVersionResource("example.com", "v1beta1", "widgets"),
        Kind = Kind with { Version = "v1beta1" },
        Subresources = [],
    };

    public static ApiObject Make(string name, long revision, int size = 1, string ns = "default")
    {
        var json = new JsonObject
        {
            ["apiVersion"] = "example.com/v1",
            ["kind"] = "Widget",
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["namespace"] = ns,
                ["uid"] = "uid-" + name,
                ["creationTimestamp"] = "2030-01-01T00:00:00Z",
            },
            ["spec"] = new JsonObject { ["size"] = size, ["color"] = "blåå" },
        };
        return new ApiObject(Kind, ObjectEncoding.Encode(json), revision);
    }

    private static Schema StringMap() => new() { Type = SchemaType.Object, AdditionalProperties = new Schema { Type = SchemaType.String } };

    private static Schema WidgetSchema() => new()
    {
        Type = SchemaType.Object,
        Name = "com.example.v1.Widget",
        Description = "A widget.",
        Properties =
        {
            ["apiVersion"] = new Schema { Type = SchemaType.String },
            ["kind"] = new Schema { Type = SchemaType.String },
            ["metadata"] = MetadataSchema,
            ["spec"] = new Schema
            {
                Type = SchemaType.Object,
                Name = "com.example.v1.WidgetSpec",
                Required = ["size"],
                Properties =
                {
                    ["size"] = new Schema { Type = SchemaType.Integer, Format = "int32", Default = JsonValue.Create(1) },
                    ["color"] = new Schema { Type = SchemaType.String },
                    ["weight"] = new Schema { Type = SchemaType.Quantity },
                    ["port"] = new Schema { Type = SchemaType.IntOrString },
                    ["mode"] = new Schema { Type = SchemaType.String, Enum = ["Fast", "Slow"] },
                    ["parts"] = new Schema
                    {
                        Type = SchemaType.Array, Items = PartSchema, ListKind = ListKind.Map, ListMapKeys = ["name"], PatchMergeKey = "name", PatchMerge = true,
                    },
                },
            },
        },
    };

    private sealed class Renderer : ITableRenderer
    {
        public void Render(JsonElement obj, DateTimeOffset now, IList<JsonNode?> cells)
        {
            cells.Add(JsonValue.Create(obj.GetProperty("spec").GetProperty("size").GetInt32()));
            cells.Add(JsonValue.Create(obj.GetProperty("spec").GetProperty("color").GetString()));
        }
    }
}
