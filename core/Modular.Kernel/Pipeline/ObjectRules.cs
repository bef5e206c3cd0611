using System.Text.Json.Nodes;

namespace Modular.Kernel;

/// <summary>Everything that must hold for an object before it is stored.</summary>
internal static class ObjectRules
{
    /// <summary>Checks metadata, schema and the kind's own rules.</summary>
    /// <exception cref="ApiException">Invalid, with one cause per wrong field.</exception>
    public static void Demand(StrategyContext context, ResourceDefinition definition, JsonObject obj, JsonObject? old)
    {
        var errors = new FieldErrors();
        ObjectMetaValidator.Validate(obj, definition.Namespaced, definition.NameRule, errors);
        if (old is not null)
        {
            ObjectMetaValidator.ValidateUpdate(obj, old, errors);
        }

        SchemaValidator.Validate(obj, old, definition.Schema, errors);
        definition.Strategy.Validate(context, obj, old, errors);
        Demand(errors, definition, obj);
    }

    /// <summary>Takes what the object needs of what all share.</summary>
    /// <exception cref="ApiException">Invalid: it cannot be had.</exception>
    public static async ValueTask<IReservation?> ReserveAsync(
        StrategyContext context, ResourceDefinition definition, JsonObject obj, JsonObject? old, CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        var reservation = await definition.Strategy.ReserveAsync(context, obj, old, errors, cancellationToken).ConfigureAwait(false);
        if (errors.Any)
        {
            reservation?.Dispose();
            Demand(errors, definition, obj);
        }

        return reservation;
    }

    private static void Demand(FieldErrors errors, ResourceDefinition definition, JsonObject obj)
    {
        if (errors.Any)
        {
            throw new ApiException(errors.ToStatus(definition.Kind, ObjectDecoder.Metadata(obj)["name"].AsString() ?? ""));
        }
    }
}
