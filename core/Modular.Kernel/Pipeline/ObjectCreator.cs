using System.Text.Json.Nodes;

namespace Modular.Kernel;

/// <summary>Creates objects.</summary>
internal sealed class ObjectCreator(ObjectStorage storage, NamespaceGate gate, ContractHandle<IAdmission> admission, KernelSettings settings)
{
    private const int NameAttempts = 8;

    /// <summary>Creates the object that was sent.</summary>
    public ValueTask<WriteResult> CreateAsync(
        RequestTarget target, RequestBody body, WriteOptions options, CancellationToken cancellationToken)
    {
        var obj = ObjectDecoder.Open(body.Node, target.Definition.Kind, target.Request.Namespace);
        RefuseRevision(obj);
        return CreateAsync(target, obj, body, options, null, cancellationToken);
    }

    /// <summary>Creates the object that was sent as an update of one that does not exist. A revision it names is that of one that is gone.</summary>
    public ValueTask<WriteResult> CreateNamedAsync(
        RequestTarget target, string name, RequestBody body, WriteOptions options, CancellationToken cancellationToken)
    {
        var obj = ObjectDecoder.Open(body.Node, target.Definition.Kind, target.Request.Namespace);
        ObjectDecoder.AgreeName(obj, name);
        ObjectDecoder.Metadata(obj).Remove("resourceVersion");
        return CreateAsync(target, obj, body, options, null, cancellationToken);
    }

    /// <summary>Creates the object that somebody applies and that does not exist.</summary>
    /// <exception cref="ApiException">Conflict: what is applied is meant for an object that was there.</exception>
    public async ValueTask<WriteResult> CreateAppliedAsync(
        RequestTarget target, string name, RequestBody body, WriteOptions options, CancellationToken cancellationToken)
    {
        var (config, warnings) = await ApplyDecoder.ReadAsync(
            target with { Request = target.Request with { Name = name } }, body, options, cancellationToken).ConfigureAwait(false);
        if (ObjectDecoder.Metadata(config)["uid"].AsString() is { Length: > 0 } uid)
        {
            throw RequestErrors.NothingToApplyTo(target.Resource, name, uid);
        }

        if (ObjectDecoder.Metadata(config)["resourceVersion"].AsString() is { Length: > 0 } and not "0")
        {
            throw RequestErrors.Modified(target.Resource, name);
        }

        var applied = new AppliedConfiguration
        {
            Configuration = config,
            Schema = target.Definition.Schema,
            Scope = OwnershipChange.ScopeOf(target),
            Writer = OwnershipChange.WriterOf(target, options.FieldManager),
            Now = settings.Time.GetUtcNow(),
        }.Create();
        ObjectDecoder.Metadata(applied.Object).Remove("resourceVersion");
        var result = await CreateAsync(
            target, applied.Object, new RequestBody(applied.Object, []), options.Trusting(), applied.Fields, cancellationToken).ConfigureAwait(false);
        return result with { Warnings = Join(warnings, result.Warnings) };
    }

    private async ValueTask<WriteResult> CreateAsync(
        RequestTarget target, JsonObject obj, RequestBody body, WriteOptions options, ManagedFields? applied, CancellationToken cancellationToken)
    {
        var definition = target.Definition;
        var ownership = new OwnershipChange(target, options.FieldManager, settings.Time.GetUtcNow());
        ownership = applied is null ? ownership.OfNew(OwnershipChange.Take(obj)) : ownership.OfApplied(applied);
        var warnings = ObjectDecoder.Decode(obj, definition.Schema, definition.Kind, body, options);
        var isGenerated = GenerateName(obj);
        var name = NameOf(obj);
        await gate.DemandAsync(target, name, cancellationToken).ConfigureAwait(false);

        using var chain = AdmissionChain.Open(admission, target.Request, AdmissionOperation.Create);
        var admitted = AdmissionChain.Describe(target, AdmissionOperation.Create, obj, null, name, options.DryRun);
        var write = WriteQuestions.Of(target, settings, options.DryRun, obj, null, chain, ownership.Track);
        if (!chain.IsEmpty)
        {
            await definition.Rules.WriteAsync(write with { Steps = WriteSteps.Default }, cancellationToken).ConfigureAwait(false);
            await chain.MutateAsync(admitted, cancellationToken).ConfigureAwait(false);
            ObjectDecoder.Redecode(obj, definition);
            write = write with { Defaulted = null };
        }

        SystemMetadata.Begin(obj, definition, write.Context.Now);
        var ruling = await definition.Rules.WriteAsync(write, cancellationToken).ConfigureAwait(false);
        using var reservedEarly = ruling.Reservation;
        ObjectRules.Demand(definition, obj, null, ruling);
        await chain.ValidateAsync(admitted, cancellationToken).ConfigureAwait(false);

        using var reservation = await ObjectRules.ReserveAsync(write, ruling, cancellationToken).ConfigureAwait(false);
        var created = await StoreAsync(target, obj, ownership.Owners, isGenerated, options.DryRun, cancellationToken).ConfigureAwait(false);
        if (!options.DryRun)
        {
            reservation?.Keep();
        }

        return new WriteResult { Object = created, Created = true, Warnings = Join(warnings, ruling.Warnings) };
    }

    internal static IReadOnlyList<string> Join(IReadOnlyList<string> first, IReadOnlyList<string> second) =>
        first.Count == 0 ? second : second.Count == 0 ? first : [.. first, .. second];

    private async ValueTask<ApiObject> StoreAsync(
        RequestTarget target, JsonObject obj, ManagedFields owners, bool isGenerated, bool dryRun, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var name = NameOf(obj);
            var body = ObjectEncoding.Encode(obj, owners);
            var revision = dryRun
                ? await storage.FindAsync(target, name, cancellationToken).ConfigureAwait(false) is null ? 0 : null
                : await storage.CommitAsync(target.KeyOf(name), body, 0, cancellationToken).ConfigureAwait(false);
            if (revision is { } written)
            {
                return new ApiObject(target.Definition.Kind, body, written);
            }

            if (!isGenerated)
            {
                throw RequestErrors.AlreadyExists(target.Resource, name);
            }

            if (attempt == NameAttempts)
            {
                throw RequestErrors.GeneratedNameTaken(target.Resource, name);
            }

            var metadata = ObjectDecoder.Metadata(obj);
            metadata["name"] = NameGenerator.Generate(metadata["generateName"].AsString()!, Random.Shared);
        }
    }

    private static bool GenerateName(JsonObject obj)
    {
        var metadata = ObjectDecoder.Metadata(obj);
        if (metadata["name"].AsString() is { Length: > 0 } || metadata["generateName"].AsString() is not { Length: > 0 } baseName)
        {
            return false;
        }

        metadata["name"] = NameGenerator.Generate(baseName, Random.Shared);
        return true;
    }

    private static string NameOf(JsonObject obj) => ObjectDecoder.Metadata(obj)["name"].AsString() ?? "";

    private static void RefuseRevision(JsonObject obj)
    {
        var metadata = ObjectDecoder.Metadata(obj);
        if (metadata["resourceVersion"].AsString() is { Length: > 0 })
        {
            throw RequestErrors.Bad("resourceVersion should not be set on objects to be created");
        }

        metadata.Remove("resourceVersion");
    }
}
