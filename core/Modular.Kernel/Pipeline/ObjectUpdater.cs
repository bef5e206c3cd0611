using System.Text.Json.Nodes;

namespace Modular.Kernel;

/// <summary>
/// Changes objects: reads the current one, makes the wanted one of it, and writes that if nobody else was faster; else again from the start.
/// </summary>
internal sealed class ObjectUpdater(ObjectStorage storage, ContractHandle<IAdmission> admission, KernelSettings settings)
{
    /// <summary>What an attempt wants the object to be, decoded, without managedFields.</summary>
    /// <param name="Object">The object.</param>
    /// <param name="Warnings">What the client is told.</param>
    /// <param name="Sent">What the client says of managedFields.</param>
    /// <param name="Applied">Who owns what, if the object was made by an apply.</param>
    internal readonly record struct Wanted(JsonObject Object, IReadOnlyList<string> Warnings, JsonArray? Sent = null, ManagedFields? Applied = null);

    /// <summary>Carries a change out.</summary>
    /// <param name="target">The object.</param>
    /// <param name="change">Makes the wanted object of the current one; called once per attempt.</param>
    /// <param name="options">Who writes, and whether to store nothing.</param>
    /// <param name="cancellationToken">Ends the attempts.</param>
    public async ValueTask<WriteResult> UpdateAsync(
        RequestTarget target, Func<ApiObject, ValueTask<Wanted>> change, WriteOptions options, CancellationToken cancellationToken)
    {
        var dryRun = options.DryRun;
        using var chain = AdmissionChain.Open(admission, target.Request, AdmissionOperation.Update);
        while (true)
        {
            var current = await storage.GetAsync(target, cancellationToken).ConfigureAwait(false);
            var old = current.ToUnmanagedJsonObject();
            var (obj, warnings, sent, applied) = await change(current).ConfigureAwait(false);
            var ownership = new OwnershipChange(target, options.FieldManager, settings.Time.GetUtcNow());
            ownership = applied is null ? ownership.Of(current, old, sent) : ownership.OfApplied(applied);
            Preconditions.Demand(target, obj, current);
            SystemMetadata.CarryOver(obj, old);
            var isStatus = target.Subresource is { Type: SubresourceType.Status };
            KeepOthers(obj, old, target);
            var write = WriteQuestions.Of(target, settings, dryRun, obj, old, chain, ownership.Track);
            var ruling = await PrepareAsync(target, write, chain, dryRun, cancellationToken).ConfigureAwait(false);
            using var reservation = isStatus ? null : await ObjectRules.ReserveAsync(write, ruling, cancellationToken).ConfigureAwait(false);
            if (await StoreAsync(target, current, obj, old, ownership.Owners, ruling.HoldsDeletion, dryRun, cancellationToken).ConfigureAwait(false) is { } stored)
            {
                if (!dryRun)
                {
                    reservation?.Keep();
                }

                return new WriteResult
                {
                    Object = stored,
                    Warnings = ObjectCreator.Join(warnings, ruling.Warnings),
                };
            }
        }
    }

    /// <summary>Writes a changed object, or takes it away if it was only waiting for this change.</summary>
    /// <returns>The object as it is then; null if somebody else was faster.</returns>
    public async ValueTask<ApiObject?> StoreAsync(
        RequestTarget target,
        ApiObject current,
        JsonObject obj,
        JsonObject old,
        ManagedFields owners,
        bool holdsDeletion,
        bool dryRun,
        CancellationToken cancellationToken)
    {
        var kind = target.Definition.Kind;
        var body = ObjectEncoding.Encode(obj, owners);
        var isGone = DeletionRules.IsFinished(obj, holdsDeletion);
        if (!isGone && (current.Body.Span.SequenceEqual(body) || (JsonNode.DeepEquals(obj, old) && owners.SameOwners(ManagedFields.Read(current.ManagedFields)))))
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

    private static async ValueTask<WriteRuling> PrepareAsync(
        RequestTarget target, ResourceWrite write, AdmissionChain chain, bool dryRun, CancellationToken cancellationToken)
    {
        var definition = target.Definition;
        var (obj, old) = (write.Object, write.Old!);
        var admitted = chain.IsEmpty ? null : AdmissionChain.Describe(target, AdmissionOperation.Update, obj, old, target.Name, dryRun);
        if (admitted is not null)
        {
            await definition.Rules.WriteAsync(write with { Steps = WriteSteps.Default }, cancellationToken).ConfigureAwait(false);
            await chain.MutateAsync(admitted, cancellationToken).ConfigureAwait(false);
            ObjectDecoder.Redecode(obj, definition);
            write = write with { Defaulted = null };
        }

        var ruling = await definition.Rules.WriteAsync(write, cancellationToken).ConfigureAwait(false);
        try
        {
            if (target.Subresource is not { Type: SubresourceType.Status })
            {
                SystemMetadata.CountGeneration(obj, old, definition);
            }

            ObjectRules.Demand(definition, obj, old, ruling);
            if (admitted is not null)
            {
                await chain.ValidateAsync(admitted, cancellationToken).ConfigureAwait(false);
            }

            return ruling;
        }
        catch
        {
            ruling.Reservation?.Dispose();
            throw;
        }
    }

    /// <summary>A write of the object keeps status, a write of status or of a part keeps everything else.</summary>
    private static void KeepOthers(JsonObject obj, JsonObject old, RequestTarget target)
    {
        switch (target.Subresource?.Type)
        {
            case SubresourceType.Status:
                StatusWrites.KeepAllButStatus(obj, old);
                break;
            case SubresourceType.Part:
                PartWrites.KeepAllBut(obj, old, target.Subresource.Fields);
                break;
            default:
                if (StatusWrites.HasStatus(target.Definition))
                {
                    SystemMetadata.Copy(obj, old, "status");
                }

                break;
        }
    }
}
