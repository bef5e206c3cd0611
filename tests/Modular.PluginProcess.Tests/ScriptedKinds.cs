using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;

namespace Modular.PluginProcess.Tests;

/// <summary>A source of a kind with every rule there is and of one with none; says what it was asked.</summary>
internal sealed class ScriptedKinds : IResourceSource, IResourceStrategy, ITableRenderer, ISubresourceAction, ISubresourceConnect, ISchemaDescriptions
{
    public static readonly GroupVersionKind Widget = new("example.org", "v1", "Widget");

    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>Prices that are taken, and whether a stored object holds them.</summary>
    public ConcurrentDictionary<long, bool> Taken { get; } = new();

    /// <summary>What is taken is said only when this has ended, whoever has given up waiting.</summary>
    public Task Saying { get; set; } = Task.CompletedTask;

    public int Kinds { get; set; } = 2;

    private static Schema Schema { get; } = Build();

    public ValueTask<IReadOnlyList<ResourceDefinition>> GetResourcesAsync(CancellationToken cancellationToken) => new(
    [
        new ResourceDefinition
        {
            Resource = new GroupVersionResource("example.org", "v1", "widgets"),
            Kind = Widget,
            Singular = "widget",
            ShortNames = ["wi"],
            Categories = ["all"],
            Namespaced = true,
            NameRule = name => name == "bad" ? ["must be good"] : [],
            Verbs = ["create", "get"],
            Schema = Schema,
            Descriptions = this,
            Columns = [new ResourceColumn("Size", "integer", "", "How big."), new ResourceColumn("Label", "string", "name", "Called.", 1)],
            Table = this,
            OwnTableLayout = true,
            SelectableFields = [new SelectableField("spec.size", "0", "spec.size")],
            Subresources =
            [
                new Subresource { Name = "status", Type = SubresourceType.Status, Kind = Widget },
                new Subresource { Name = "scale", Type = SubresourceType.Scale, Kind = new GroupVersionKind("autoscaling", "v1", "Scale"), SelectorPath = "spec.labels", Schema = Schema },
                new Subresource { Name = "paint", Type = SubresourceType.Action, Kind = new GroupVersionKind("example.org", "v1", "Paint"), Verbs = ["create"], Action = this },
                new Subresource { Name = "log", Type = SubresourceType.Connect, Kind = Widget, Verbs = ["get"], Connect = this },
                new Subresource { Name = "proxy", Type = SubresourceType.Proxy, Kind = Widget, Verbs = ["get"], Connect = this, Beside = new("example.org", "v1", "plains") },
            ],
            TracksGeneration = false,
            CreatesOnUpdate = true,
            UpdateNeedsRevision = true,
            ReturnsDeletedObject = true,
            Strategy = this,
        },
        .. Enumerable.Range(0, Kinds - 1).Select(i => new ResourceDefinition
        {
            Resource = new GroupVersionResource("example.org", "v1", $"plains{(i == 0 ? "" : i.ToString(CultureInfo.InvariantCulture))}"),
            Kind = new GroupVersionKind("example.org", "v1", $"Plain{i}"),
            Singular = $"plain{i}",
            IsNamespaceKind = i == 0,
            NameRule = NameRules.Dns1035Label,
            ActsOn = new ResourceAction(new GroupVersionResource("example.org", "v1", "widgets"), "paint"),
            Schema = Schema,
        }),
    ]);

    public ValueTask<IReadOnlyDictionary<string, string>> ReadAsync(CancellationToken cancellationToken)
    {
        Asked.Enqueue("Describe");
        return new(new Dictionary<string, string> { ["org.example.Part"] = "A piece.", ["org.example.Part.id"] = "Which one." });
    }

    public void Default(JsonObject obj)
    {
        Asked.Enqueue("Default");
        obj.GetOrAddObject("spec")["size"] ??= 1;
    }

    public ValueTask PrepareForCreateAsync(StrategyContext context, JsonObject obj, CancellationToken cancellationToken)
    {
        Asked.Enqueue("PrepareForCreate");
        obj.Set("spec.by", $"{context.User.Name} in {context.Namespace} at {context.Now:O}, loopback {context.AllowLoopbackEndpoints}");
        return ValueTask.CompletedTask;
    }

    public ValueTask PrepareForUpdateAsync(StrategyContext context, JsonObject obj, JsonObject old, CancellationToken cancellationToken)
    {
        Asked.Enqueue("PrepareForUpdate");
        obj.Set("spec.by", $"{context.Name}/{context.Subresource} after {old.GetString("spec.by")}");
        return ValueTask.CompletedTask;
    }

    public void Validate(StrategyContext context, JsonObject obj, JsonObject? old, FieldErrors errors)
    {
        Asked.Enqueue("Validate");
        switch (obj.GetInt64("spec.size"))
        {
            case < 0:
                errors.Invalid("spec.parts[0].size", obj.GetInt64("spec.size"), "must not be negative");
                errors.Required("spec.color", "for holes");
                break;
            case 13:
                throw new InvalidOperationException("the rules are lost");
        }
    }

    public async ValueTask<IReservation?> ReserveAsync(StrategyContext context, JsonObject obj, JsonObject? old, FieldErrors errors, CancellationToken cancellationToken)
    {
        Asked.Enqueue("Reserve");
        var size = obj.GetInt64("spec.size") ?? 0;
        if (size == 99)
        {
            throw new ApiException(StatusReason.InternalError, "no price is left");
        }

        if (!Taken.TryAdd(size, false))
        {
            errors.Invalid("spec.size", size, "is taken");
            return null;
        }

        await Saying;
        obj.Set("spec.price", size * 100);
        return new Reservation(this, size);
    }

    public IReadOnlyList<string> Warnings(JsonObject obj) => obj.GetInt64("spec.size") > 10 ? ["that is big"] : [];

    public long? GracePeriodSeconds(StrategyContext context, JsonObject obj, long? requestedGraceSeconds) => requestedGraceSeconds ?? 30;

    public void BeginDeletion(StrategyContext context, JsonObject obj) => obj.Set("status.phase", "Ending");

    public bool HoldsDeletion(JsonObject obj) => obj.GetInt64("spec.size") == 7;

    public void Render(JsonElement obj, DateTimeOffset now, IList<JsonNode?> cells)
    {
        cells.Add(obj.GetInt64("spec.size") is { } size ? JsonValue.Create(size) : null);
        cells.Add($"{obj.GetString("metadata.name")}@{obj.GetString("metadata.resourceVersion")} {now:s}");
    }

    public ValueTask<ActionAnswer> ApplyAsync(StrategyContext context, JsonObject request, JsonObject obj, CancellationToken cancellationToken)
    {
        if (request.GetString("color") == "none")
        {
            throw new ApiException(StatusReason.Conflict, $"{context.Name} stays as it is");
        }

        obj.Set("spec.color", request.GetString("color"));
        return new(new ActionAnswer
        {
            Body = request.GetString("answer") is null ? null : new JsonObject { ["apiVersion"] = "example.org/v1", ["kind"] = "Paint", ["color"] = context.Subresource },
            Deletion = request.GetString("color") == "clear" ? new DeleteOptions { GracePeriodSeconds = 7, Uid = "u", PropagationPolicy = "Orphan" } : null,
        });
    }

    public NodeRequest Resolve(ConnectQuestion question) => question switch
    {
        { Scheme.Length: > 0 } => new NodeRequest("", "", "") { Address = $"{question.Scheme}://{question.Beside?.Kind.Kind}-{question.Beside?.Metadata.Name}:{question.Port}" },
        { Query.Count: 0 } => throw new ApiException(StatusReason.BadRequest, "say what"),
        _ => new NodeRequest("node", $"/log/{question.Object.Metadata.Name}", "?" + string.Join('&', question.Query.Select(p => $"{p.Key}={p.Value}"))),
    };

    /// <summary>A field that leads around, an entry that does, and a default.</summary>
    private static Schema Build()
    {
        var part = new Schema { Name = "org.example.Part" };
        var parts = new Schema { Type = SchemaType.Array, Items = part, ListKind = ListKind.Map, ListMapKeys = ["id"], PatchMerge = true, PatchMergeKey = "id", AllowDuplicates = true };
        part.Properties["id"] = new Schema { Type = SchemaType.String };
        part.Properties["parts"] = parts;
        return new Schema
        {
            Name = "org.example.Widget",
            Description = "A thing.",
            Required = ["spec"],
            Properties =
            {
                ["apiVersion"] = new Schema { Type = SchemaType.String },
                ["kind"] = new Schema { Type = SchemaType.String },
                ["metadata"] = new Schema { PreserveUnknownFields = true },
                ["status"] = new Schema { PreserveUnknownFields = true },
                ["spec"] = new Schema
                {
                    PatchRetainKeys = true,
                    Properties =
                    {
                        ["size"] = new Schema { Type = SchemaType.Integer, Format = "int32" },
                        ["price"] = new Schema { Type = SchemaType.Integer, Immutable = true },
                        ["by"] = new Schema { Type = SchemaType.String },
                        ["color"] = new Schema { Type = SchemaType.String, Enum = ["red", "blue"], Default = JsonValue.Create("red"), Nullable = true },
                        ["labels"] = new Schema { AtomicMap = true, AdditionalProperties = new Schema { Type = SchemaType.String } },
                        ["parts"] = parts,
                        ["weight"] = new Schema { Type = SchemaType.Quantity, Default = new JsonObject { ["a"] = new JsonArray(1, null) } },
                    },
                },
            },
        };
    }

    private sealed class Reservation(ScriptedKinds kinds, long size) : IReservation
    {
        private bool _kept;

        public void Keep() => _kept = true;

        public void Dispose()
        {
            if (_kept)
            {
                kinds.Taken[size] = true;
            }
            else
            {
                kinds.Taken.TryRemove(size, out _);
            }
        }
    }
}
