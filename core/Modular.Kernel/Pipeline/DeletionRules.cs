using System.Text.Json.Nodes;

namespace Modular.Kernel;

/// <summary>What keeps an object that is to be deleted, and what a request to delete does to it.</summary>
internal static class DeletionRules
{
    private const string Orphan = "orphan";
    private const string Foreground = "foregroundDeletion";

    private static readonly GroupVersionKind OptionsKind = new("meta.k8s.io", "v1", "DeleteOptions");

    /// <exception cref="ApiException">Invalid.</exception>
    public static void Demand(DeleteOptions options)
    {
        var errors = new FieldErrors();
        if (options.PropagationPolicy is not ("" or "Background" or "Foreground" or "Orphan"))
        {
            errors.NotSupported("propagationPolicy", options.PropagationPolicy, ["Background", "Foreground", "Orphan"]);
        }

        if (options.GracePeriodSeconds < 0)
        {
            errors.Invalid("gracePeriodSeconds", options.GracePeriodSeconds, "must be greater than or equal to 0");
        }

        if (errors.Any)
        {
            throw new ApiException(errors.ToStatus(OptionsKind, ""));
        }
    }

    /// <summary>True if a write leaves an object that was only kept by what the write took away.</summary>
    public static bool IsFinished(JsonObject obj, bool holdsDeletion)
    {
        var metadata = ObjectDecoder.Metadata(obj);
        return metadata["deletionTimestamp"] is not null
            && (metadata["deletionGracePeriodSeconds"].AsInt64() ?? 0) == 0
            && metadata["finalizers"] is not JsonArray { Count: > 0 }
            && !holdsDeletion;
    }

    /// <summary>Marks an object as being deleted, or hastens a deletion under way.</summary>
    /// <param name="obj">The object, after its kind's rules were asked.</param>
    /// <param name="before">The object's metadata before.</param>
    /// <param name="definition">Its kind.</param>
    /// <param name="now">The time of the request.</param>
    /// <param name="grace">How long the object stays.</param>
    /// <param name="options">What was asked for.</param>
    /// <returns>False if nothing changes: the deletion is under way as asked.</returns>
    public static bool Mark(JsonObject obj, ObjectMeta before, ResourceDefinition definition, DateTimeOffset now, long grace, DeleteOptions options)
    {
        var metadata = ObjectDecoder.Metadata(obj);
        var changed = SetFinalizers(metadata, options.PropagationPolicy);
        if (before.DeletionTimestamp is { } set)
        {
            var graceBefore = metadata["deletionGracePeriodSeconds"].AsInt64() ?? 0;
            if (options.GracePeriodSeconds is null || grace >= graceBefore)
            {
                return changed;
            }

            DeletionRuling.Begin(obj, set.AddSeconds(-graceBefore), grace);
            return true;
        }

        DeletionRuling.Begin(obj, now, grace);
        if (definition.TracksGeneration)
        {
            SystemMetadata.NextGeneration(obj);
        }

        return true;
    }

    /// <summary>Leaves dependents to the garbage collector by the finalizers it looks for.</summary>
    private static bool SetFinalizers(JsonObject metadata, string policy)
    {
        if (policy.Length == 0)
        {
            return false;
        }

        var wanted = policy switch { "Orphan" => Orphan, "Foreground" => Foreground, _ => "" };
        var before = (metadata["finalizers"] as JsonArray)?.Select(f => f.AsString() ?? "").ToList() ?? [];
        var after = before.Where(f => f is not (Orphan or Foreground) || f == wanted).ToList();
        if (wanted.Length > 0 && !after.Contains(wanted))
        {
            after.Add(wanted);
        }

        if (after.SequenceEqual(before))
        {
            return false;
        }

        metadata.Remove("finalizers");
        if (after.Count > 0)
        {
            metadata["finalizers"] = new JsonArray([.. after.Select(f => (JsonNode)JsonValue.Create(f))]);
        }

        return true;
    }
}
