using System.Text.Json;
using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;

namespace Modular.PluginTests.Tests;

/// <summary>A source of one sound kind, or of what a test makes of it.</summary>
internal sealed class FaultyKinds(Func<ResourceDefinition, IEnumerable<ResourceDefinition>>? change = null) : IResourceSource
{
    private readonly Func<ResourceDefinition, IEnumerable<ResourceDefinition>> _change = change ?? (kind => [kind]);

    /// <summary>A sound kind.</summary>
    public static ResourceDefinition Sound { get; } = new()
    {
        Resource = new GroupVersionResource("example.org", "v1", "widgets"),
        Kind = new GroupVersionKind("example.org", "v1", "Widget"),
        Singular = "widget",
        Namespaced = true,
        Schema = new Schema
        {
            Properties =
            {
                ["apiVersion"] = new Schema { Type = SchemaType.String },
                ["kind"] = new Schema { Type = SchemaType.String },
                ["metadata"] = new Schema { PreserveUnknownFields = true },
                ["spec"] = new Schema { Properties = { ["size"] = new Schema { Type = SchemaType.Integer } } },
            },
        },
        Columns = [new ResourceColumn("Size", "integer", "", "How big it is.")],
        Table = new Sizes(obj => obj.GetInt64("spec.size") is { } size ? JsonValue.Create(size) : null),
        Strategy = new Rules(),
    };

    /// <summary>The kind in another version, which is stored as it.</summary>
    public static ResourceDefinition Newer(ResourceDefinition kind, Action<JsonObject> toStored) => kind with
    {
        Resource = kind.Resource with { Version = "v2" },
        Kind = kind.Kind with { Version = "v2" },
        StoredAs = kind.Resource,
        Conversion = new Converting(toStored),
    };

    public ValueTask<IReadOnlyList<ResourceDefinition>> GetResourcesAsync(CancellationToken cancellationToken) => new([.. _change(Sound)]);

    /// <summary>Its rules, some of them another.</summary>
    internal sealed class Rules : IResourceStrategy
    {
        public Action<JsonObject> OnDefault { get; init; } = obj => obj.GetOrAddObject("spec")["size"] ??= 1;

        public Action<JsonObject> OnPrepare { get; init; } = _ => { };

        public Action<JsonObject> OnOld { get; init; } = _ => { };

        public Action<JsonObject, FieldErrors> OnValidate { get; init; } = (obj, errors) =>
        {
            if (obj.GetInt64("spec.size") < 0)
            {
                errors.Invalid("spec.size", obj.GetInt64("spec.size"), "must not be negative");
            }
        };

        public long? Grace { get; init; }

        public void Default(JsonObject obj) => OnDefault(obj);

        public ValueTask PrepareForCreateAsync(StrategyContext context, JsonObject obj, CancellationToken cancellationToken)
        {
            OnPrepare(obj);
            return ValueTask.CompletedTask;
        }

        public ValueTask PrepareForUpdateAsync(StrategyContext context, JsonObject obj, JsonObject old, CancellationToken cancellationToken)
        {
            OnOld(old);
            return ValueTask.CompletedTask;
        }

        public void Validate(StrategyContext context, JsonObject obj, JsonObject? old, FieldErrors errors) => OnValidate(obj, errors);

        public long? GracePeriodSeconds(StrategyContext context, JsonObject obj, long? requestedGraceSeconds) => Grace ?? requestedGraceSeconds;
    }

    internal sealed class OfSomethingElse : ISchemaDescriptions
    {
        public ValueTask<IReadOnlyDictionary<string, string>> ReadAsync(CancellationToken cancellationToken) =>
            new(new Dictionary<string, string> { ["org.example.Gadget"] = "Something else." });
    }

    private sealed class Converting(Action<JsonObject> toStored) : IObjectConversion
    {
        public void ToStored(JsonObject obj) => toStored(obj);

        public void FromStored(JsonObject obj)
        {
        }
    }

    internal sealed class Sizes(Func<JsonElement, JsonNode?> cell) : ITableRenderer
    {
        public void Render(JsonElement obj, DateTimeOffset now, IList<JsonNode?> cells) => cells.Add(cell(obj));
    }
}
