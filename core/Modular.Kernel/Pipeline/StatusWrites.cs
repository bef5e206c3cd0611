using System.Text.Json.Nodes;

namespace Modular.Kernel;

/// <summary>What a write through the status subresource may change: status, labels and annotations.</summary>
internal static class StatusWrites
{
    private static readonly string[] Writable = ["labels", "annotations"];

    /// <summary>Whether a kind's status is written apart from the rest.</summary>
    public static bool HasStatus(ResourceDefinition definition)
    {
        for (var i = 0; i < definition.Subresources.Count; i++)
        {
            if (definition.Subresources[i].Type == SubresourceType.Status)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Puts everything else back to what it was, in place.</summary>
    public static void KeepAllButStatus(JsonObject obj, JsonObject old)
    {
        foreach (var name in obj.Select(member => member.Key).Except(old.Select(member => member.Key)).ToList())
        {
            if (name != "status")
            {
                obj.Remove(name);
            }
        }

        foreach (var (name, _) in old)
        {
            if (name is not ("status" or "metadata"))
            {
                SystemMetadata.Copy(obj, old, name);
            }
        }

        var sent = ObjectDecoder.Metadata(obj);
        var metadata = (JsonObject)ObjectDecoder.Metadata(old).DeepClone();
        foreach (var field in Writable)
        {
            SystemMetadata.Copy(metadata, sent, field);
        }

        obj["metadata"] = metadata;
    }
}
