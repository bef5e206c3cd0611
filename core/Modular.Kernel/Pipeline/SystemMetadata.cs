using System.Text.Json.Nodes;

namespace Modular.Kernel;

/// <summary>The part of metadata that belongs to the server.</summary>
internal static class SystemMetadata
{
    private static readonly string[] OnlySetByServer = ["deletionTimestamp", "deletionGracePeriodSeconds", "generation"];

    private static readonly string[] KeptForLife = ["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"];

    /// <summary>Gives a new object its identity.</summary>
    public static void Begin(JsonObject obj, ResourceDefinition definition, DateTimeOffset now)
    {
        var metadata = ObjectDecoder.Metadata(obj);
        foreach (var field in OnlySetByServer)
        {
            metadata.Remove(field);
        }

        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = KubernetesTime.Format(now);
        if (definition.TracksGeneration)
        {
            metadata["generation"] = 1;
        }
    }

    /// <summary>Gives a changed object what it has for life. What the client states otherwise is left for validation to refuse.</summary>
    public static void CarryOver(JsonObject obj, JsonObject old)
    {
        var metadata = ObjectDecoder.Metadata(obj);
        var before = ObjectDecoder.Metadata(old);
        foreach (var field in KeptForLife)
        {
            if (metadata[field] is null && before[field] is { } value)
            {
                metadata[field] = value.DeepClone();
            }
        }

        Copy(metadata, before, "generation");
        Copy(metadata, before, "resourceVersion");
    }

    /// <summary>Counts the change if it is one of desired state.</summary>
    public static void CountGeneration(JsonObject obj, JsonObject old, ResourceDefinition definition)
    {
        if (definition.TracksGeneration && DesiredStateDiffers(obj, old))
        {
            NextGeneration(obj);
        }
    }

    /// <summary>Counts one change of desired state.</summary>
    public static void NextGeneration(JsonObject obj)
    {
        var metadata = ObjectDecoder.Metadata(obj);
        metadata["generation"] = (metadata["generation"].AsInt64() ?? 0) + 1;
    }

    /// <summary>Replaces a member by a copy of the other's, or takes it away if the other has none.</summary>
    public static void Copy(JsonObject target, JsonObject source, string member)
    {
        if (source[member] is { } value)
        {
            target[member] = value.DeepClone();
        }
        else
        {
            target.Remove(member);
        }
    }

    private static bool DesiredStateDiffers(JsonObject obj, JsonObject old)
    {
        foreach (var (name, value) in obj)
        {
            if (!IsObserved(name) && !JsonNode.DeepEquals(value, old[name]))
            {
                return true;
            }
        }

        foreach (var (name, value) in old)
        {
            if (!IsObserved(name) && value is not null && !obj.ContainsKey(name))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsObserved(string member) => member is "apiVersion" or "kind" or "metadata" or "status";
}
