using System.Text.Json.Nodes;

namespace Modular.Kernel;

/// <summary>
/// Changes objects: reads the current one, makes the wanted one of it, and writes that if nobody else was faster; else again from the start.
/// </summary>
internal sealed class ObjectUpdater(ObjectStorage storage, ContractHandle<IAdmission> admission, KernelSettings settings)
{
    /// <summary>What an attempt wants the object to be, decoded.</summary>
    internal readonly record struct Wanted(JsonObject Object, IReadOnlyList<string> Warnings);

    /// <summary>Carries a change out.</summary>
    /// <param name="target">The object.</param>
    /// <param name="change">Makes the wanted object of the current one; called once per attempt.</param>
    /// <param name="dryRun">Whether to store nothing.</param>
    /// <param name="cancellationToken">Ends the attempts.</param>
    public async ValueTask<WriteResult> UpdateAsync(
        RequestTarget target, Func<ApiObject, Wanted> change, bool dryRun, CancellationToken cancellationToken)
    {
        using var chain = AdmissionChain.Open(admission, target.Request, AdmissionOperation.Update);
        while (true)
        {
            var current = await storage.GetAsync(target, cancellationToken).ConfigureAwait(false);
            var old = current.ToJsonObject();
            var (obj, warnings) = change(current);
            Preconditions.Demand(target, obj, current);
            SystemMetadata.CarryOver(obj, old);
            await PrepareAsync(target, chain, obj, old, dryRun, cancellationToken).ConfigureAwait(false);
            using var reservation = await ReserveAsync(target, obj, old, cancellationToken).ConfigureAwait(false);
            if (await StoreAsync(target, current, obj, old, dryRun, cancellationToken).ConfigureAwait(false) is { } stored)
            {
                if (!dryRun)
                {
                    reservation?.Keep();
                }

                return new WriteResult
                {
                    Object = stored,
                    Warnings = ObjectCreator.Join(warnings, target.Definition.Strategy.Warnings(obj)),
                };
            }
        }
    }

    /// <summary>Writes a changed object, or takes it away if it was only waiting for this change.</summary>
    /// <returns>The object as it is then; null if somebody else was faster.</returns>
    public async ValueTask<ApiObject?> StoreAsync(
        RequestTarget target, ApiObject current, JsonObject obj, JsonObject old, bool dryRun, CancellationToken cancellationToken)
    {
        var kind = target.Definition.Kind;
        var body = ObjectEncoding.Encode(obj);
        var isGone = DeletionRules.IsFinished(obj, target.Definition.Strategy);
        if (!isGone && IsSame(current, body, obj, old))
        {
            return current;
        }

        if (dryRun)
        {
            return new ApiObject(kind, body, current.Revision);
        }

        var revision = await storage.CommitAsync(target.Key, isGone ? null : body, current.Revision, cancellationToken).ConfigureAwait(false);
        return revision is { } written ? new ApiObject(kind, body, written) : null;
    }

    private ValueTask<IReservation?> ReserveAsync(RequestTarget target, JsonObject obj, JsonObject old, CancellationToken cancellationToken) =>
        target.Subresource is { Type: SubresourceType.Status }
            ? default
            : ObjectRules.ReserveAsync(target.Context(settings), target.Definition, obj, old, cancellationToken);

    private async ValueTask PrepareAsync(
        RequestTarget target, AdmissionChain chain, JsonObject obj, JsonObject old, bool dryRun, CancellationToken cancellationToken)
    {
        var definition = target.Definition;
        var context = target.Context(settings);
        var isStatus = target.Subresource is { Type: SubresourceType.Status };
        KeepOtherHalf(obj, old, definition, isStatus);
        var admitted = chain.IsEmpty ? null : AdmissionChain.Describe(target, AdmissionOperation.Update, obj, old, target.Name, dryRun);
        if (admitted is not null)
        {
            await chain.MutateAsync(admitted, cancellationToken).ConfigureAwait(false);
            ObjectDecoder.Redecode(obj, definition);
        }

        await definition.Strategy.PrepareForUpdateAsync(context, obj, old, cancellationToken).ConfigureAwait(false);
        if (!isStatus)
        {
            SystemMetadata.CountGeneration(obj, old, definition);
        }

        ObjectRules.Demand(context, definition, obj, old);
        if (admitted is not null)
        {
            await chain.ValidateAsync(admitted, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>A write of the object keeps status, a write of status keeps everything else.</summary>
    private static void KeepOtherHalf(JsonObject obj, JsonObject old, ResourceDefinition definition, bool isStatus)
    {
        if (isStatus)
        {
            StatusWrites.KeepAllButStatus(obj, old);
        }
        else if (StatusWrites.HasStatus(definition))
        {
            SystemMetadata.Copy(obj, old, "status");
        }
    }

    private static bool IsSame(ApiObject current, byte[] body, JsonObject obj, JsonObject old) =>
        current.Body.Span.SequenceEqual(body) || JsonNode.DeepEquals(obj, old);
}
