using System.Text.Json.Nodes;

namespace Modular.Kernel.Tests;

/// <summary>
/// Kinds made up for these tests: a room is a namespace, a widget has everything a kind can have, a token is created by updates, a gizmo is a widget in
/// newer words, a binding puts a widget on a node.
/// </summary>
internal sealed class Kinds : IResourceSource
{
    public static readonly GroupVersionResource Rooms = new("", "v1", "rooms");
    public static readonly GroupVersionResource Widgets = new("test.dev", "v1", "widgets");
    public static readonly GroupVersionResource Tokens = new("test.dev", "v1", "tokens");
    public static readonly GroupVersionResource Gizmos = new("new.test.dev", "v2", "gizmos");
    public static readonly GroupVersionResource Bindings = new("test.dev", "v1", "bindings");

    public ValueTask<IReadOnlyList<ResourceDefinition>> GetResourcesAsync(CancellationToken cancellationToken) => new([Room(), Widget(), Token(), Gizmo(), Binding(), .. Enum.GetValues<ReviewType>().Select(Review)]);

    public static ResourceDefinition Room() => new()
    {
        Resource = Rooms,
        Kind = new GroupVersionKind("", "v1", "Room"),
        Singular = "room",
        IsNamespaceKind = true,
        Schema = Object(("apiVersion", Text()), ("kind", Text()), ("metadata", AnyObject()), ("spec", AnyObject()), ("status", AnyObject())),
        Strategy = new RoomStrategy(),
        Subresources = [new Subresource { Name = "status", Type = SubresourceType.Status, Kind = new GroupVersionKind("", "v1", "Room") }],
    };

    public static ResourceDefinition Widget() => new()
    {
        Resource = Widgets,
        Kind = new GroupVersionKind("test.dev", "v1", "Widget"),
        Singular = "widget",
        Namespaced = true,
        Schema = Object(
            ("apiVersion", Text()),
            ("kind", Text()),
            ("metadata", AnyObject()),
            ("spec", Object(
                ("replicas", new Schema { Type = SchemaType.Integer, Format = "int32", Default = 1 }),
                ("color", new Schema { Type = SchemaType.String, Enum = ["red", "green", "blue"] }),
                ("node", Text()),
                ("parts", new Schema { Type = SchemaType.Array, Items = Object(("name", Text()), ("color", Text()), ("size", Text())) }),
                ("selector", new Schema { Type = SchemaType.Object, AdditionalProperties = Text() }),
                ("grace", new Schema { Type = SchemaType.Integer, Format = "int64" }))),
            ("status", Object(("replicas", new Schema { Type = SchemaType.Integer }), ("phase", Text())))),
        SelectableFields = [new SelectableField("spec.node"), new SelectableField("status.phase", "New")],
        Strategy = new WidgetStrategy(),
        Subresources =
        [
            new Subresource { Name = "status", Type = SubresourceType.Status, Kind = new GroupVersionKind("test.dev", "v1", "Widget") },
            new Subresource { Name = "scale", Type = SubresourceType.Scale, Kind = new GroupVersionKind("autoscaling", "v1", "Scale") },
            new Subresource
            {
                Name = "paint",
                Type = SubresourceType.Part,
                Kind = new GroupVersionKind("test.dev", "v1", "Widget"),
                Fields = ["spec.color", "spec.parts[].color"],
            },
            new Subresource
            {
                Name = "binding",
                Type = SubresourceType.Action,
                Kind = new GroupVersionKind("test.dev", "v1", "Binding"),
                Verbs = ["create"],
                Action = new BindAction(),
            },
            new Subresource
            {
                Name = "proxy",
                Type = SubresourceType.Proxy,
                Kind = new GroupVersionKind("test.dev", "v1", "Widget"),
                Verbs = ["get"],
                Connect = new ColoredConnect(),
                Beside = Tokens,
            },
        ],
    };

    public static ResourceDefinition Token() => new()
    {
        Resource = Tokens,
        Kind = new GroupVersionKind("test.dev", "v1", "Token"),
        Singular = "token",
        Namespaced = true,
        CreatesOnUpdate = true,
        UpdateNeedsRevision = true,
        NameRule = NameRules.PathSegment,
        Schema = Object(("apiVersion", Text()), ("kind", Text()), ("metadata", AnyObject()), ("holder", Text())),
    };

    public static ResourceDefinition Gizmo() => new()
    {
        Resource = Gizmos,
        Kind = new GroupVersionKind("new.test.dev", "v2", "Gizmo"),
        Singular = "gizmo",
        Namespaced = true,
        StoredAs = Widgets,
        Conversion = new Repainting(),
        Schema = Object(
            ("apiVersion", Text()),
            ("kind", Text()),
            ("metadata", AnyObject()),
            ("spec", Object(("paint", Text()), ("place", Text()))),
            ("status", Object(("phase", Text())))),
        SelectableFields = [new SelectableField("spec.place", JsonPath: "spec.node")],
        Subresources = [new Subresource { Name = "status", Type = SubresourceType.Status, Kind = new GroupVersionKind("new.test.dev", "v2", "Gizmo") }],
    };

    public static ResourceDefinition Binding() => new()
    {
        Resource = Bindings,
        Kind = new GroupVersionKind("test.dev", "v1", "Binding"),
        Singular = "binding",
        Namespaced = true,
        Verbs = ["create"],
        ActsOn = new ResourceAction(Widgets, "binding"),
        Schema = Object(("apiVersion", Text()), ("kind", Text()), ("metadata", AnyObject()), ("node", Text())),
    };

    public static ResourceDefinition Review(ReviewType type) => new()
    {
        Resource = new GroupVersionResource("ask.test.dev", "v1", $"{type}Reviews".ToLowerInvariant()),
        Kind = new GroupVersionKind("ask.test.dev", "v1", $"{type}Review"),
        Singular = $"{type}Review".ToLowerInvariant(),
        Namespaced = type == ReviewType.LocalSubjectAccess,
        Verbs = ["create"],
        Review = type,
        Schema = Object(("apiVersion", Text()), ("kind", Text()), ("metadata", AnyObject()), ("spec", AnyObject()), ("status", AnyObject())),
    };

    private static Schema Text() => new() { Type = SchemaType.String };

    private static Schema AnyObject() => new() { Type = SchemaType.Object, PreserveUnknownFields = true };

    private static Schema Object(params (string Name, Schema Schema)[] fields) =>
        new() { Type = SchemaType.Object, Properties = fields.ToDictionary(f => f.Name, f => f.Schema, StringComparer.Ordinal) };

    private sealed class RoomStrategy : IResourceStrategy
    {
        public bool HoldsDeletion(JsonObject obj) => obj.GetString("spec.holds") is not null;
    }

    private sealed class WidgetStrategy : IResourceStrategy
    {
        public long? GracePeriodSeconds(StrategyContext context, JsonObject obj, long? requestedGraceSeconds) =>
            obj.GetInt64("spec.grace") is { } grace ? requestedGraceSeconds ?? grace : null;

        public void Validate(StrategyContext context, JsonObject obj, JsonObject? old, FieldErrors errors)
        {
            if (obj.GetInt64("spec.replicas") > 100)
            {
                errors.Invalid("spec.replicas", obj.GetInt64("spec.replicas"), "must be at most 100");
            }
        }
    }

    /// <summary>A paint is a color, a place a node; what gizmos have no word for stays in an annotation.</summary>
    private sealed class Repainting : IObjectConversion
    {
        public void ToStored(JsonObject obj)
        {
            Rename(obj, "paint", "color");
            Rename(obj, "place", "node");
            if (obj.GetObject("metadata.annotations") is { } annotations && annotations.Remove("replicas", out var replicas))
            {
                obj.Set("spec.replicas", int.Parse(replicas!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture));
            }
        }

        public void FromStored(JsonObject obj)
        {
            Rename(obj, "color", "paint");
            Rename(obj, "node", "place");
            if (obj.GetObject("spec") is { } spec && spec.Remove("replicas", out var replicas))
            {
                obj.GetOrAddObject("metadata.annotations")["replicas"] = replicas!.ToString();
            }
        }

        private static void Rename(JsonObject obj, string from, string to)
        {
            if (obj.GetObject("spec") is { } spec && spec.Remove(from, out var value))
            {
                spec[to] = value;
            }
        }
    }

    private sealed class BindAction : ISubresourceAction
    {
        public ValueTask<ActionAnswer> ApplyAsync(StrategyContext context, JsonObject request, JsonObject obj, CancellationToken cancellationToken)
        {
            if (request.GetString("node") is "nowhere")
            {
                return new(new ActionAnswer { Deletion = new DeleteOptions { GracePeriodSeconds = 0, Uid = obj.GetString("metadata.uid") ?? "" } });
            }

            if (obj.GetString("spec.node") is { Length: > 0 } node)
            {
                throw new ApiException(StatusReason.Conflict, $"already on {node}");
            }

            obj.Set("spec.node", request.GetString("node"));
            return new(ActionAnswer.Done);
        }
    }
}
