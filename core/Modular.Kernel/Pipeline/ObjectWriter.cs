using System.Text.Json.Nodes;

namespace Modular.Kernel;

/// <summary>Makes changes out of PUT and PATCH, for the object itself, its status and its scale.</summary>
internal sealed class ObjectWriter(ObjectUpdater updater, KernelSettings settings)
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
        var stated = OwnershipChange.Take(obj);
        var warnings = Decode(target, obj, body, options);
        var isPrecise = obj["metadata"]!["resourceVersion"].AsString() is { Length: > 0 };
        return updater.UpdateAsync(
            target,
            _ => new(new ObjectUpdater.Wanted(isPrecise ? obj : (JsonObject)obj.DeepClone(), warnings, stated)),
            options,
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
                    PatchApplication.Apply(ScaleView.Of(current.ToUnmanagedJsonObject(), scale), type, patch.Node, scale.Schema), scale.Kind, target),
                options,
                cancellationToken);
        }

        var isAboutOwners = PatchApplication.MayTouchManagedFields(type, patch.Node);
        return updater.UpdateAsync(
            target,
            async current =>
            {
                var document = isAboutOwners ? current.ToJsonObject() : current.ToUnmanagedJsonObject();
                var served = target.Version?.Definition ?? target.Definition;
                if (target.Version is { } from)
                {
                    await from.FromStoredAsync(document, cancellationToken).ConfigureAwait(false);
                }

                var patched = PatchApplication.Apply(document, type, patch.Node, served.Schema);
                var obj = Open(patched, served.Kind, target);
                var stated = OwnershipChange.Take(obj);
                if (target.Version is not { } version)
                {
                    return new ObjectUpdater.Wanted(obj, Decode(target, obj, patch, options), stated);
                }

                var warnings = await ServedBody.ToStoredAsync(version, obj, patch, options, cancellationToken).ConfigureAwait(false);
                Decode(target, obj, patch, options.Trusting());
                return new ObjectUpdater.Wanted(obj, warnings, stated);
            },
            options,
            cancellationToken);
    }

    private async ValueTask<WriteResult> ScaleAsync(
        RequestTarget target, Subresource scale, Func<ApiObject, JsonObject> sent, WriteOptions options, CancellationToken cancellationToken)
    {
        var result = await updater.UpdateAsync(
            target,
            current =>
            {
                var obj = current.ToUnmanagedJsonObject();
                ScaleView.Write(sent(current), obj, scale, target.Name);
                return new(new ObjectUpdater.Wanted(obj, []));
            },
            options,
            cancellationToken).ConfigureAwait(false);
        return result with { Object = ScaleView.Of(result.Object!, scale) };
    }

    /// <summary>Applies a configuration to the object, its status or its scale, which must be there.</summary>
    public async ValueTask<WriteResult> ApplyAsync(RequestTarget target, RequestBody body, WriteOptions options, CancellationToken cancellationToken)
    {
        var (config, warnings) = await ApplyDecoder.ReadAsync(target, body, options, cancellationToken).ConfigureAwait(false);
        var scale = target.Subresource is { Type: SubresourceType.Scale } subresource ? subresource : null;
        if (scale is not null)
        {
            config = ScaleView.ToConfiguration(config, scale, target.Definition.Kind);
        }

        // What the configuration states was looked at already; what is there besides is the server's own.
        var trusting = options.Trusting();
        var result = await updater.UpdateAsync(
            target,
            current =>
            {
                var applied = new AppliedConfiguration
                {
                    Configuration = config,
                    Schema = target.Definition.Schema,
                    Scope = OwnershipChange.ScopeOf(target),
                    Writer = OwnershipChange.WriterOf(target, options.FieldManager),
                    Force = options.Force,
                    Now = settings.Time.GetUtcNow(),
                }.ApplyTo(current.ToUnmanagedJsonObject(), ManagedFields.Read(current.ManagedFields));
                if (scale is not null)
                {
                    ScaleView.DemandCount(applied.Object, scale, target.Name);
                }

                return new(new ObjectUpdater.Wanted(applied.Object, Decode(target, applied.Object, body, trusting), Applied: applied.Fields));
            },
            options,
            cancellationToken).ConfigureAwait(false);
        return result with
        {
            Object = scale is null ? result.Object : ScaleView.Of(result.Object!, scale),
            Warnings = ObjectCreator.Join(warnings, result.Warnings),
        };
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
