using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Abstractions;

/// <summary>Answers from the strategy, actions, connects and table renderer that a definition holds.</summary>
public sealed class StrategyRules : IResourceRules
{
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 256 };

    private StrategyRules()
    {
    }

    /// <summary>The only instance.</summary>
    public static StrategyRules Instance { get; } = new();

    /// <inheritdoc />
    public async ValueTask<WriteRuling> WriteAsync(ResourceWrite write, CancellationToken cancellationToken)
    {
        var (strategy, context, obj) = (write.Definition.Strategy, write.Context, write.Object);
        if (write.Steps.HasFlag(WriteSteps.Default))
        {
            strategy.Default(obj);
            write.Defaulted?.Invoke(obj);
        }

        if (write.Steps.HasFlag(WriteSteps.Prepare) && write.Old is { } old)
        {
            await strategy.PrepareForUpdateAsync(context, obj, old, cancellationToken).ConfigureAwait(false);
        }
        else if (write.Steps.HasFlag(WriteSteps.Prepare))
        {
            await strategy.PrepareForCreateAsync(context, obj, cancellationToken).ConfigureAwait(false);
        }

        if (write.Steps.HasFlag(WriteSteps.Validate))
        {
            return Validate(write, strategy);
        }

        return write.Steps.HasFlag(WriteSteps.Reserve) ? await ReserveAsync(write, strategy, cancellationToken).ConfigureAwait(false) : WriteRuling.Nothing;
    }

    /// <inheritdoc />
    public ValueTask<DeletionRuling> DeleteAsync(
        ResourceDefinition definition, StrategyContext context, JsonObject obj, long? requestedGraceSeconds, CancellationToken cancellationToken)
    {
        var grace = definition.Strategy.GracePeriodSeconds(context, obj, requestedGraceSeconds) ?? 0;
        if (!IsBeingDeleted(obj))
        {
            DeletionRuling.Begin(obj, context.Now, grace);
            definition.Strategy.BeginDeletion(context, obj);
        }

        return new(new DeletionRuling(grace, definition.Strategy.HoldsDeletion(obj)));
    }

    /// <inheritdoc />
    public async ValueTask<ActionRuling> ApplyAsync(
        ResourceDefinition definition, Subresource action, StrategyContext context, JsonObject request, JsonObject obj, CancellationToken cancellationToken)
    {
        var carriedOut = action.Action ?? throw new InvalidOperationException($"{definition.Resource}/{action.Name} has no action");
        var answer = await carriedOut.ApplyAsync(context, request, obj, cancellationToken).ConfigureAwait(false);
        return new ActionRuling(answer, IsBeingDeleted(obj) && definition.Strategy.HoldsDeletion(obj));
    }

    /// <inheritdoc />
    public ValueTask<NodeRequest> ResolveAsync(
        ResourceDefinition definition, Subresource connect, ConnectQuestion question, CancellationToken cancellationToken)
    {
        var connected = connect.Connect ?? throw new InvalidOperationException($"{definition.Resource}/{connect.Name} leads to no node");
        return new(connected.Resolve(question));
    }

    /// <inheritdoc />
    public ValueTask ConvertAsync(
        ResourceDefinition definition, ConversionDirection direction, IReadOnlyList<JsonObject> objects, CancellationToken cancellationToken)
    {
        var conversion = definition.Conversion ?? throw new InvalidOperationException($"{definition.Resource} has no conversion");
        foreach (var obj in objects)
        {
            if (direction == ConversionDirection.ToStored)
            {
                conversion.ToStored(obj);
            }
            else
            {
                conversion.FromStored(obj);
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<IReadOnlyList<JsonNode?>>> RenderAsync(
        ResourceDefinition definition, IReadOnlyList<ApiObject> objects, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var rows = new IReadOnlyList<JsonNode?>[objects.Count];
        var json = new ArrayBufferWriter<byte>(4096);
        for (var i = 0; i < rows.Length; i++)
        {
            if (definition.Table is not { } table)
            {
                rows[i] = [];
                continue;
            }

            json.ResetWrittenCount();
            objects[i].WriteTo(json);
            using var document = JsonDocument.Parse(json.WrittenMemory, Deep);
            var cells = new List<JsonNode?>(definition.Columns.Count);
            table.Render(document.RootElement, now, cells);
            rows[i] = cells;
        }

        return new(rows);
    }

    private static WriteRuling Validate(ResourceWrite write, IResourceStrategy strategy)
    {
        var errors = new FieldErrors();
        strategy.Validate(write.Context, write.Object, write.Old, errors);
        if (errors.Any)
        {
            return new WriteRuling { Errors = errors.Causes };
        }

        var warnings = strategy.Warnings(write.Object);
        var holds = IsBeingDeleted(write.Object) && strategy.HoldsDeletion(write.Object);
        return warnings.Count > 0 || holds ? new WriteRuling { Warnings = warnings, HoldsDeletion = holds } : WriteRuling.Nothing;
    }

    private static async ValueTask<WriteRuling> ReserveAsync(ResourceWrite write, IResourceStrategy strategy, CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        var reservation = await strategy.ReserveAsync(write.Context, write.Object, write.Old, errors, cancellationToken).ConfigureAwait(false);
        if (errors.Any)
        {
            reservation?.Dispose();
            reservation = null;
        }

        return new WriteRuling { HasReserved = true, Errors = errors.Causes, Reservation = reservation };
    }

    private static bool IsBeingDeleted(JsonObject obj) => obj["metadata"] is JsonObject metadata && metadata["deletionTimestamp"] is not null;
}
