using System.Text.Json.Nodes;

namespace Modular.Kernel;

/// <summary>Everything that must hold for an object before it is stored.</summary>
internal static class ObjectRules
{
    /// <summary>Checks metadata and schema, and that the kind's own rules have found nothing.</summary>
    /// <exception cref="ApiException">Invalid, with one cause per wrong field.</exception>
    public static void Demand(ResourceDefinition definition, JsonObject obj, JsonObject? old, WriteRuling ruling)
    {
        var errors = new FieldErrors();
        ObjectMetaValidator.Validate(obj, definition.Namespaced, definition.NameRule, errors);
        if (old is not null)
        {
            ObjectMetaValidator.ValidateUpdate(obj, old, errors);
        }
        else if (!errors.Any && ObjectDecoder.Metadata(obj)["name"].AsString() is { } name && !StorageKeys.CanHold(name))
        {
            errors.Invalid("metadata.name", name, "must consist of at most 253 printable ASCII characters other than spaces");
        }

        SchemaValidator.Validate(obj, old, definition.Schema, errors);
        errors.AddRange(ruling.Errors);
        Demand(errors, definition, obj);
    }

    /// <summary>Takes what the object needs of what all share, unless that was done when the other steps were.</summary>
    /// <exception cref="ApiException">Invalid: it cannot be had.</exception>
    public static async ValueTask<IReservation?> ReserveAsync(ResourceWrite write, WriteRuling ruling, CancellationToken cancellationToken)
    {
        if (ruling.HasReserved)
        {
            return ruling.Reservation;
        }

        var reserved = await write.Definition.Rules.WriteAsync(write with { Steps = WriteSteps.Reserve }, cancellationToken).ConfigureAwait(false);
        if (reserved.Errors.Count > 0)
        {
            reserved.Reservation?.Dispose();
            var errors = new FieldErrors();
            errors.AddRange(reserved.Errors);
            Demand(errors, write.Definition, write.Object);
        }

        return reserved.Reservation;
    }

    private static void Demand(FieldErrors errors, ResourceDefinition definition, JsonObject obj)
    {
        if (errors.Any)
        {
            throw new ApiException(errors.ToStatus(definition.Kind, ObjectDecoder.Metadata(obj)["name"].AsString() ?? ""));
        }
    }
}
