namespace Modular.Kernel;

/// <summary>Deletes objects: at once, or by marking those that a grace period, a finalizer or their kind still keeps.</summary>
internal sealed class ObjectDeleter(ObjectStorage storage, ContractHandle<IAdmission> admission, KernelSettings settings)
{
    private const int CollectionConcurrency = 16;

    /// <summary>Deletes the object that the target names.</summary>
    public async ValueTask<DeleteResult> DeleteAsync(
        RequestTarget target, DeleteOptions options, bool dryRun, CancellationToken cancellationToken)
    {
        DeletionRules.Demand(options);
        if (target.Definition.IsNamespaceKind && settings.FirstNamespaces.Contains(target.Name))
        {
            throw RequestErrors.NamespaceStays(target.Resource, target.Name);
        }

        using var chain = AdmissionChain.Open(admission, target.Request, AdmissionOperation.Delete);
        while (true)
        {
            var current = await storage.GetAsync(target, cancellationToken).ConfigureAwait(false);
            Preconditions.Demand(target, options, current);
            var obj = current.ToUnmanagedJsonObject();
            if (!chain.IsEmpty)
            {
                var admitted = AdmissionChain.Describe(
                    target, AdmissionOperation.Delete, null, current.ToJsonObject(), target.Name, dryRun);
                await chain.MutateAsync(admitted, cancellationToken).ConfigureAwait(false);
                await chain.ValidateAsync(admitted, cancellationToken).ConfigureAwait(false);
            }

            var context = target.Context(settings, dryRun);
            var ruling = await target.Definition.Rules.DeleteAsync(target.Definition, context, obj, options.GracePeriodSeconds, cancellationToken).ConfigureAwait(false);
            var changed = DeletionRules.Mark(obj, current.Metadata, target.Definition, context.Now, ruling.GraceSeconds, options);
            var isGone = DeletionRules.IsFinished(obj, ruling.HoldsDeletion);
            if (!changed && !isGone)
            {
                return new DeleteResult(current, false);
            }

            var body = isGone ? null : ObjectEncoding.Encode(obj, ManagedFields.Read(current.ManagedFields));
            var revision = dryRun
                ? current.Revision
                : await storage.CommitAsync(target.Key, body, current.Revision, cancellationToken).ConfigureAwait(false);
            if (revision is { } written)
            {
                return isGone
                    ? new DeleteResult(current.At(written), true)
                    : new DeleteResult(new ApiObject(current.Kind, body, written), false);
            }
        }
    }

    /// <summary>Deletes each of these objects as if alone; one that is gone already is no error.</summary>
    /// <returns>The objects as they were deleted or marked.</returns>
    public async ValueTask<IReadOnlyList<ApiObject>> DeleteAllAsync(
        RequestTarget target, IReadOnlyList<ApiObject> objects, DeleteOptions options, bool dryRun, CancellationToken cancellationToken)
    {
        var results = new ApiObject?[objects.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = CollectionConcurrency, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, objects.Count, parallel, async (i, token) =>
        {
            var meta = objects[i].Metadata;
            var one = target with { Request = target.Request with { Namespace = meta.Namespace, Name = meta.Name } };
            try
            {
                results[i] = (await DeleteAsync(one, options with { Uid = meta.Uid }, dryRun, token).ConfigureAwait(false)).Object;
            }
            catch (ApiException gone) when (gone.Reason is StatusReason.NotFound or StatusReason.Conflict)
            {
                results[i] = null;
            }
        }).ConfigureAwait(false);
        return [.. results.OfType<ApiObject>()];
    }
}
