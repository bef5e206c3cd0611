namespace Modular.Kernel;

/// <summary>The one way to the objects. Each step is a class of its own; this says which request takes which steps.</summary>
internal sealed class RequestPipeline : IRequestPipeline
{
    private readonly ResourceRegistry _registry;
    private readonly WatchCaches _caches;
    private readonly AuthorizationChain _authorization;
    private readonly ContractHandle<IAdmission> _admission;
    private readonly ObjectStorage _storage;
    private readonly ListReader _lists;
    private readonly WatchOpener _watches;
    private readonly ObjectCreator _creator;
    private readonly ObjectWriter _writer;
    private readonly ActionRunner _actions;
    private readonly ObjectDeleter _deleter;
    private readonly Reviewer _reviewer;
    private readonly ConnectResolver _connects;

    public RequestPipeline(
        ResourceRegistry registry,
        WatchCaches caches,
        StoreAdapter store,
        AuthorizationChain authorization,
        ContractHandle<IAdmission> admission,
        KernelSettings settings)
    {
        _registry = registry;
        _caches = caches;
        _authorization = authorization;
        _admission = admission;
        _storage = new ObjectStorage(store);
        _lists = new ListReader(caches, store);
        _watches = new WatchOpener(caches);
        _creator = new ObjectCreator(_storage, new NamespaceGate(registry, caches, store), admission, settings);
        var updater = new ObjectUpdater(_storage, admission, settings);
        _writer = new ObjectWriter(updater, settings);
        _reviewer = new Reviewer(authorization);
        _deleter = new ObjectDeleter(_storage, admission, settings);
        _actions = new ActionRunner(_storage, updater, _deleter, admission, settings);
        _connects = new ConnectResolver(_storage, caches, settings);
    }

    /// <inheritdoc />
    public async ValueTask<ApiObject> GetAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var target = await ResolveAsync(request, "get", _registry.Current, cancellationToken).ConfigureAwait(false);
        var found = await _storage.GetAsync(target, cancellationToken).ConfigureAwait(false);
        return target.Subresource is { Type: SubresourceType.Scale } scale ? ScaleView.Of(found, scale)
            : target.Version is { } version ? await version.ServeAsync(found, cancellationToken).ConfigureAwait(false)
            : found;
    }

    /// <inheritdoc />
    public async ValueTask<ListResult> ListAsync(ApiRequest request, ListOptions options, CancellationToken cancellationToken)
    {
        var target = await ResolveAsync(request, "list", _registry.Current, cancellationToken).ConfigureAwait(false);
        var page = await _lists.ReadAsync(target, options, cancellationToken).ConfigureAwait(false);
        return await ServeAsync(target, page, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async ValueTask<IWatchSession> WatchAsync(ApiRequest request, ListOptions options, CancellationToken cancellationToken)
    {
        var target = await ResolveAsync(request, "watch", _registry.Current, cancellationToken).ConfigureAwait(false);
        var session = await _watches.OpenAsync(target, options, cancellationToken).ConfigureAwait(false);
        return target.Version is { } version ? new ServedWatchSession(session, version) : session;
    }

    /// <summary>Opens a subscription for this process; its user must be allowed to list and to watch.</summary>
    public async ValueTask<IInformer> SubscribeAsync(UserInfo user, ResourceScope scope, CancellationToken cancellationToken)
    {
        var request = new ApiRequest { User = user, Verb = "list", Resource = scope.Resource, Namespace = scope.Namespace };
        await ResolveAsync(request, "list", _registry.Current, cancellationToken).ConfigureAwait(false);
        var target = await ResolveAsync(request with { Verb = "watch" }, "watch", _registry.Current, cancellationToken).ConfigureAwait(false);
        return target.Version is null
            ? await _watches.SubscribeAsync(target, scope, cancellationToken).ConfigureAwait(false)
            : throw RequestErrors.Bad($"{scope.Resource} is stored as {target.Resource}, which can be subscribed to");
    }

    /// <inheritdoc />
    public async ValueTask<WriteResult> CreateAsync(
        ApiRequest request, RequestBody body, WriteOptions options, CancellationToken cancellationToken)
    {
        using var use = _registry.Use(out var kinds);
        var definition = request.Subresource.Length == 0 && kinds.TryGet(request.Resource, out var known) ? known : null;
        if (definition?.Review is { } review)
        {
            if (!Reviewer.IsAboutAsker(review))
            {
                await _authorization.DemandAsync(ToAuthorize(request), cancellationToken).ConfigureAwait(false);
            }

            return await _reviewer.AnswerAsync(definition, request, body, options, cancellationToken).ConfigureAwait(false);
        }

        if (definition?.ActsOn is { } action)
        {
            await _authorization.DemandAsync(ToAuthorize(request), cancellationToken).ConfigureAwait(false);
            var acts = Resolve(NamedAction.Of(request, action, body), "create", kinds);
            return await _actions.RunAsync(acts, body, options, cancellationToken).ConfigureAwait(false);
        }

        var target = await ResolveAsync(request, "create", kinds, cancellationToken).ConfigureAwait(false);
        if (target.Version is { } version)
        {
            var (stored, trusting, warnings) = await ServedBody.ReadAsync(target, version, body, options, cancellationToken).ConfigureAwait(false);
            var created = await CreateAsync(target with { Version = null }, stored, trusting, cancellationToken).ConfigureAwait(false);
            return await version.ServeAsync(created, warnings, cancellationToken).ConfigureAwait(false);
        }

        return await CreateAsync(target, body, options, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<WriteResult> CreateAsync(
        RequestTarget target, RequestBody body, WriteOptions options, CancellationToken cancellationToken) => target.Subresource switch
        {
            null => await _creator.CreateAsync(target, body, options, cancellationToken).ConfigureAwait(false),
            { Type: SubresourceType.Action } => await _actions.RunAsync(target, body, options, cancellationToken).ConfigureAwait(false),
            _ => throw RequestErrors.WrongVerb(),
        };

    /// <inheritdoc />
    public async ValueTask<WriteResult> UpdateAsync(
        ApiRequest request, RequestBody body, WriteOptions options, CancellationToken cancellationToken)
    {
        using var use = _registry.Use(out var kinds);
        var target = await ResolveAsync(request, "update", kinds, cancellationToken).ConfigureAwait(false);
        if (target.Version is { } version && !IsScale(target))
        {
            var (stored, trusting, warnings) = await ServedBody.ReadAsync(target, version, body, options, cancellationToken).ConfigureAwait(false);
            var updated = await UpdateAsync(target with { Version = null }, stored, trusting, cancellationToken).ConfigureAwait(false);
            return await version.ServeAsync(updated, warnings, cancellationToken).ConfigureAwait(false);
        }

        return await UpdateAsync(target, body, options, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<WriteResult> UpdateAsync(
        RequestTarget target, RequestBody body, WriteOptions options, CancellationToken cancellationToken) => target.Subresource switch
        {
            null when target.Definition.CreatesOnUpdate =>
                await ReplaceOrCreateAsync(target, body, options, cancellationToken).ConfigureAwait(false),
            null or { Type: SubresourceType.Status or SubresourceType.Part or SubresourceType.Scale } =>
                await _writer.ReplaceAsync(target, body, options, cancellationToken).ConfigureAwait(false),
            { Type: SubresourceType.Action } => await _actions.RunAsync(target, body, options, cancellationToken).ConfigureAwait(false),
            _ => throw RequestErrors.WrongVerb(),
        };

    /// <inheritdoc />
    public async ValueTask<WriteResult> PatchAsync(
        ApiRequest request, PatchType type, RequestBody body, WriteOptions options, CancellationToken cancellationToken)
    {
        using var use = _registry.Use(out var kinds);
        var target = await ResolveAsync(request, "patch", kinds, cancellationToken).ConfigureAwait(false);
        if (target.Subresource is not (null or { Type: SubresourceType.Status or SubresourceType.Part or SubresourceType.Scale }))
        {
            throw RequestErrors.WrongVerb();
        }

        var patched = type == PatchType.Apply
            ? await ApplyAsync(target, body, options, cancellationToken).ConfigureAwait(false)
            : await _writer.PatchAsync(target, type, body, options, cancellationToken).ConfigureAwait(false);
        return target.Version is { } version && !IsScale(target) ? await version.ServeAsync(patched, [], cancellationToken).ConfigureAwait(false) : patched;
    }

    /// <inheritdoc />
    public async ValueTask<DeleteResult> DeleteAsync(
        ApiRequest request, DeleteOptions options, bool dryRun, CancellationToken cancellationToken)
    {
        using var use = _registry.Use(out var kinds);
        var target = await ResolveAsync(request, "delete", kinds, cancellationToken).ConfigureAwait(false);
        var deleted = target.Subresource is null
            ? await _deleter.DeleteAsync(target, options, dryRun, cancellationToken).ConfigureAwait(false)
            : throw RequestErrors.WrongVerb();
        return target.Version is { } version
            ? deleted with { Object = await version.ServeAsync(deleted.Object, cancellationToken).ConfigureAwait(false) }
            : deleted;
    }

    /// <inheritdoc />
    public async ValueTask<ListResult> DeleteCollectionAsync(
        ApiRequest request, ListOptions selection, DeleteOptions options, bool dryRun, CancellationToken cancellationToken)
    {
        using var use = _registry.Use(out var kinds);
        var target = await ResolveAsync(request, "deletecollection", kinds, cancellationToken).ConfigureAwait(false);
        var page = await _lists.ReadAsync(target, selection, cancellationToken).ConfigureAwait(false);
        var deleted = await _deleter.DeleteAllAsync(target, page.Items, options, dryRun, cancellationToken).ConfigureAwait(false);
        return await ServeAsync(target, page with { Items = deleted }, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async ValueTask<NodeRequest> ConnectAsync(
        ApiRequest request, IReadOnlyList<KeyValuePair<string, string>> query, CancellationToken cancellationToken)
    {
        using var use = _registry.Use(out var kinds);
        var target = await ResolveAsync(request, request.Verb, kinds, cancellationToken).ConfigureAwait(false);
        return target.Subresource is { Type: SubresourceType.Connect or SubresourceType.Proxy }
            ? await _connects.ResolveAsync(target, kinds, AdmitAsync, query, cancellationToken).ConfigureAwait(false)
            : throw RequestErrors.WrongVerb();

        async ValueTask AdmitAsync(ApiObject found)
        {
            using var chain = AdmissionChain.Open(_admission, request, AdmissionOperation.Connect);
            if (!chain.IsEmpty)
            {
                var admitted = AdmissionChain.Describe(target, AdmissionOperation.Connect, null, found.ToJsonObject(), request.Name, false);
                await chain.MutateAsync(admitted, cancellationToken).ConfigureAwait(false);
                await chain.ValidateAsync(admitted, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <inheritdoc />
    public ValueTask AuthorizeAsync(AuthorizationRequest request, CancellationToken cancellationToken) => _authorization.DemandAsync(request, cancellationToken);

    /// <summary>Applies a configuration. An object that is not there is created, a status or scale is not.</summary>
    private async ValueTask<WriteResult> ApplyAsync(RequestTarget target, RequestBody body, WriteOptions options, CancellationToken cancellationToken)
    {
        if (target.Subresource is null && await _storage.FindAsync(target, target.Name, cancellationToken).ConfigureAwait(false) is null)
        {
            var request = target.Request with { Verb = "create", Name = "" };
            await _authorization.DemandAsync(ToAuthorize(request), cancellationToken).ConfigureAwait(false);
            try
            {
                return await _creator.CreateAppliedAsync(target with { Request = request }, target.Name, body, options, cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (ApiException taken) when (taken.Reason == StatusReason.AlreadyExists)
            {
                // Somebody created it meanwhile: it is applied to after all.
            }
        }

        return await _writer.ApplyAsync(target, body, options, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<WriteResult> ReplaceOrCreateAsync(
        RequestTarget target, RequestBody body, WriteOptions options, CancellationToken cancellationToken)
    {
        if (await _storage.FindAsync(target, target.Name, cancellationToken).ConfigureAwait(false) is null)
        {
            var request = target.Request with { Verb = "create", Name = "" };
            await _authorization.DemandAsync(ToAuthorize(request), cancellationToken).ConfigureAwait(false);
            try
            {
                return await _creator.CreateNamedAsync(target with { Request = request }, target.Name, body, options, cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (ApiException taken) when (taken.Reason == StatusReason.AlreadyExists)
            {
                // Somebody created it meanwhile: it is an update after all.
            }
        }

        return await _writer.ReplaceAsync(target, body, options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Authorizes a request, then finds its kind and subresource: who may nothing learns nothing.</summary>
    private async ValueTask<RequestTarget> ResolveAsync(ApiRequest request, string verb, ResourceSnapshot kinds, CancellationToken cancellationToken)
    {
        await _authorization.DemandAsync(ToAuthorize(request), cancellationToken).ConfigureAwait(false);
        return Resolve(request, verb, kinds);
    }

    private RequestTarget Resolve(ApiRequest request, string verb, ResourceSnapshot kinds)
    {
        if (!kinds.TryGet(request.Resource, out var definition))
        {
            throw RequestErrors.UnknownResource();
        }

        var subresource = request.Subresource.Length == 0 ? null : Find(definition, request.Subresource);
        if (!(subresource?.Verbs ?? definition.Verbs).Contains(verb))
        {
            throw RequestErrors.WrongVerb();
        }

        var target = new RequestTarget
        {
            Request = request,
            Definition = definition,
            Cache = _caches.Of(definition),
            Subresource = subresource,
        };
        return kinds.StoredAs(definition) is not { } stored ? target : target with
        {
            Definition = stored,
            Version = new ServedVersion(definition, stored),
            Subresource = subresource is null ? null : Find(stored, subresource.Name),
        };
    }

    private static async ValueTask<ListResult> ServeAsync(RequestTarget target, ListResult page, CancellationToken cancellationToken) =>
        target.Version is { } version ? page with { Items = await version.ServeAsync(page.Items, cancellationToken).ConfigureAwait(false) } : page;

    private static bool IsScale(RequestTarget target) => target.Subresource is { Type: SubresourceType.Scale };

    private static Subresource Find(ResourceDefinition definition, string name)
    {
        for (var i = 0; i < definition.Subresources.Count; i++)
        {
            if (definition.Subresources[i].Name == name)
            {
                return definition.Subresources[i];
            }
        }

        throw RequestErrors.UnknownResource();
    }

    private static AuthorizationRequest ToAuthorize(ApiRequest request) => new()
    {
        User = request.User,
        Verb = request.Verb,
        Group = request.Resource.Group,
        Version = request.Resource.Version,
        Resource = request.Resource.Resource,
        Subresource = request.Subresource,
        Namespace = request.Namespace,
        Name = request.Name,
    };
}
