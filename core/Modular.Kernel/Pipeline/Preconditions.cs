using System.Globalization;
using System.Text.Json.Nodes;

namespace Modular.Kernel;

/// <summary>What a client demands of the current object before it may be changed or deleted.</summary>
internal static class Preconditions
{
    /// <summary>A resourceVersion or uid in the sent object must be the current one's.</summary>
    /// <exception cref="ApiException">Conflict; Invalid if the kind demands a resourceVersion and there is none.</exception>
    public static void Demand(RequestTarget target, JsonObject sent, ApiObject current)
    {
        var metadata = ObjectDecoder.Metadata(sent);
        if (metadata["uid"].AsString() is { Length: > 0 } uid && uid != current.Metadata.Uid)
        {
            throw RequestErrors.WrongUid(target.Resource, target.Name, uid, current.Metadata.Uid);
        }

        if (metadata["resourceVersion"].AsString() is { Length: > 0 } revision && revision != "0")
        {
            if (!Is(revision, current.Revision))
            {
                throw RequestErrors.Modified(target.Resource, target.Name);
            }
        }
        else if (target.Definition.UpdateNeedsRevision)
        {
            var errors = new FieldErrors();
            errors.Invalid("metadata.resourceVersion", 0, "must be specified for an update");
            throw new ApiException(errors.ToStatus(target.Definition.Kind, target.Name));
        }
    }

    /// <summary>The uid and resourceVersion of a deletion's options must be the current object's.</summary>
    /// <exception cref="ApiException">Conflict.</exception>
    public static void Demand(RequestTarget target, DeleteOptions options, ApiObject current)
    {
        if (options.Uid.Length > 0 && options.Uid != current.Metadata.Uid)
        {
            throw RequestErrors.WrongUid(target.Resource, current.Metadata.Name, options.Uid, current.Metadata.Uid);
        }

        if (options.ResourceVersion.Length > 0 && !Is(options.ResourceVersion, current.Revision))
        {
            throw RequestErrors.WrongRevision(target.Resource, current.Metadata.Name, options.ResourceVersion, current.Revision);
        }
    }

    private static bool Is(string text, long revision) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number == revision
            : throw RequestErrors.Bad($"resourceVersion: Invalid value: \"{text}\": must be a decimal number");
}
