using System.Text.Json.Nodes;

namespace Modular.Kernel;

/// <summary>An object seen as a Scale: how many are wanted, how many there are, and which they are.</summary>
internal static class ScaleView
{
    private static readonly string[] SharedMetadata = ["name", "namespace", "uid", "creationTimestamp"];

    /// <summary>The Scale of an object.</summary>
    public static JsonObject Of(JsonObject obj, Subresource scale)
    {
        var metadata = new JsonObject();
        foreach (var field in SharedMetadata)
        {
            SystemMetadata.Copy(metadata, ObjectDecoder.Metadata(obj), field);
        }

        SystemMetadata.Copy(metadata, ObjectDecoder.Metadata(obj), "resourceVersion");
        var status = new JsonObject { ["replicas"] = obj.GetInt64(scale.StatusReplicasPath) ?? 0 };
        if (Selector(obj, scale.SelectorPath) is { Length: > 0 } selector)
        {
            status["selector"] = selector;
        }

        return new JsonObject
        {
            ["apiVersion"] = scale.Kind.ApiVersion,
            ["kind"] = scale.Kind.Kind,
            ["metadata"] = metadata,
            ["spec"] = new JsonObject { ["replicas"] = obj.GetInt64(scale.SpecReplicasPath) ?? 0 },
            ["status"] = status,
        };
    }

    /// <summary>The Scale of a stored object, at its revision.</summary>
    public static ApiObject Of(ApiObject obj, Subresource scale) =>
        new(scale.Kind, ObjectEncoding.Encode(Of(obj.ToJsonObject(), scale)), obj.Revision);

    /// <summary>Puts the wanted count of a Scale, and what it demands of the current object, into the object.</summary>
    /// <exception cref="ApiException">Invalid: the count is negative or no whole number.</exception>
    public static void Write(JsonObject sent, JsonObject obj, Subresource scale, string name)
    {
        var replicas = sent["spec"] is JsonObject spec ? spec["replicas"] : null;
        obj.Set(scale.SpecReplicasPath, CountOf(replicas, scale, name));
        SystemMetadata.Copy(ObjectDecoder.Metadata(obj), ObjectDecoder.Metadata(sent), "resourceVersion");
        SystemMetadata.Copy(ObjectDecoder.Metadata(obj), ObjectDecoder.Metadata(sent), "uid");
    }

    /// <summary>The object as far as a Scale that somebody applies has a say in it.</summary>
    public static JsonObject ToConfiguration(JsonObject sent, Subresource scale, GroupVersionKind kind)
    {
        var config = new JsonObject
        {
            ["apiVersion"] = kind.ApiVersion,
            ["kind"] = kind.Kind,
            ["metadata"] = ObjectDecoder.Metadata(sent).DeepClone(),
        };
        if (sent["spec"] is JsonObject spec && spec["replicas"] is { } replicas)
        {
            config.Set(scale.SpecReplicasPath, replicas.DeepClone());
        }

        return config;
    }

    /// <summary>Demands that the wanted count of an object is one.</summary>
    /// <exception cref="ApiException">Invalid: it is negative or no whole number.</exception>
    public static void DemandCount(JsonObject obj, Subresource scale, string name) => CountOf(obj.Get(scale.SpecReplicasPath), scale, name);

    private static long CountOf(JsonNode? replicas, Subresource scale, string name)
    {
        var count = replicas is null ? 0 : replicas.AsInt64();
        if (count is not (null or < 0 or > int.MaxValue))
        {
            return count.Value;
        }

        var errors = new FieldErrors();
        errors.Invalid("spec.replicas", (object?)count ?? replicas, count is null ? "must be a whole number" : "must be greater than or equal to 0");
        throw new ApiException(errors.ToStatus(scale.Kind, name));
    }

    private static string Selector(JsonObject obj, string path)
    {
        if (obj.GetObject(path) is not { } selector)
        {
            return "";
        }

        var isLabelSelector = selector.ContainsKey("matchLabels") || selector.ContainsKey("matchExpressions");
        return (isLabelSelector ? LabelSelector.From(selector) : LabelSelector.FromMap(obj.GetStringMap(path))).ToString();
    }
}
