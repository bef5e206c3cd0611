using System.Text.Json.Nodes;

namespace Modular.Kernel;

/// <summary>Makes changes out of PUT and PATCH, for the object itself, its status and its scale.</summary>
internal sealed class ObjectWriter(ObjectUpdater updater)
{
    /// <summary>Replaces the object, its status or its scale.</summary>
    public ValueTask<WriteResult> ReplaceAsync(
        RequestTarget target, RequestBody body, WriteOptions options, CancellationToken cancellationToken)
    {
        if (target.Subresource is { Type: SubresourceType.Scale } scale)
        {
            var sent = Open(body.Node, scale.Kind, target);
            return ScaleAsync(target, scale, _ => sent, options, cancellationToken);
        }

        var obj = Open(body.Node, target.Definition.Kind, target);
        var warnings = Decode(target, obj, body, options);
        var isPrecise = obj["metadata"]!["resourceVersion"].AsString() is { Length: > 0 };
        return updater.UpdateAsync(
            target,
            _ => new ObjectUpdater.Wanted(isPrecise ? obj : (JsonObject)obj.DeepClone(), warnings),
            options.DryRun,
            cancellationToken);
    }

    /// <summary>Patches the object, its status or its scale.</summary>
    public ValueTask<WriteResult> PatchAsync(
        RequestTarget target, PatchType type, RequestBody patch, WriteOptions options, CancellationToken cancellationToken)
    {
        if (target.Subresource is { Type: SubresourceType.Scale } scale)
        {
            return ScaleAsync(
                target,
                scale,
                current => Open(
                    PatchApplication.Apply(ScaleView.Of(current.ToJsonObject(), scale), type, patch.Node, scale.Schema), scale.Kind, target),
                options,
                cancellationToken);
        }

        return updater.UpdateAsync(
            target,
            current =>
            {
                var patched = PatchApplication.Apply(current.ToJsonObject(), type, patch.Node, target.Definition.Schema);
                var obj = Open(patched, target.Definition.Kind, target);
                return new ObjectUpdater.Wanted(obj, Decode(target, obj, patch, options));
            },
            options.DryRun,
            cancellationToken);
    }

    private async ValueTask<WriteResult> ScaleAsync(
        RequestTarget target, Subresource scale, Func<ApiObject, JsonObject> sent, WriteOptions options, CancellationToken cancellationToken)
    {
        var result = await updater.UpdateAsync(
            target,
            current =>
            {
                var obj = current.ToJsonObject();
                ScaleView.Write(sent(current), obj, scale, target.Name);
                return new ObjectUpdater.Wanted(obj, []);
            },
            options.DryRun,
            cancellationToken).ConfigureAwait(false);
        return result with { Object = ScaleView.Of(result.Object!, scale) };
    }

    private static JsonObject Open(JsonNode body, GroupVersionKind kind, RequestTarget target)
    {
        var obj = ObjectDecoder.Open(body, kind, target.Request.Namespace);
        ObjectDecoder.AgreeName(obj, target.Name);
        return obj;
    }

    private static IReadOnlyList<string> Decode(RequestTarget target, JsonObject obj, RequestBody body, WriteOptions options) =>
        ObjectDecoder.Decode(obj, target.Definition.Schema, target.Definition.Kind, body, options);
}
