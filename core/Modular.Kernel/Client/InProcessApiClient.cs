using System.Text.Json.Nodes;

namespace Modular.Kernel;

/// <summary>The API for a plugin in this process: the pipeline under the plugin's own name. Calls wait until the kernel serves.</summary>
internal sealed class InProcessApiClient(RequestPipeline pipeline, IResourceRegistry registry, UserInfo user, string manager, Task ready) : IApiClient
{
    private readonly WriteOptions _options = new() { FieldValidation = "Ignore", FieldManager = manager, Force = true };

    /// <inheritdoc />
    public async ValueTask<ApiObject> GetAsync(ResourceName name, CancellationToken cancellationToken)
    {
        await WaitAsync(cancellationToken).ConfigureAwait(false);
        return await pipeline.GetAsync(Request("get", name, ""), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async ValueTask<ApiObjectList> ListAsync(ResourceScope scope, CancellationToken cancellationToken)
    {
        await WaitAsync(cancellationToken).ConfigureAwait(false);
        var request = new ApiRequest { User = user, Verb = "list", Resource = scope.Resource, Namespace = scope.Namespace };
        var options = new ListOptions { LabelSelector = scope.LabelSelector, FieldSelector = scope.FieldSelector };
        var list = await pipeline.ListAsync(request, options, cancellationToken).ConfigureAwait(false);
        return new ApiObjectList(list.Items, list.Revision);
    }

    /// <inheritdoc />
    public async ValueTask<ApiObject> CreateAsync(GroupVersionResource resource, string ns, JsonObject obj, CancellationToken cancellationToken)
    {
        await WaitAsync(cancellationToken).ConfigureAwait(false);
        var request = new ApiRequest { User = user, Verb = "create", Resource = resource, Namespace = ns };
        return (await pipeline.CreateAsync(request, Body(obj), _options, cancellationToken).ConfigureAwait(false)).Object!;
    }

    /// <inheritdoc />
    public async ValueTask<ApiObject?> CreateAsync(ResourceName name, string subresource, JsonObject body, CancellationToken cancellationToken)
    {
        await WaitAsync(cancellationToken).ConfigureAwait(false);
        var request = Request("create", name, subresource);
        return (await pipeline.CreateAsync(request, Body(body), _options, cancellationToken).ConfigureAwait(false)).Object;
    }

    /// <inheritdoc />
    public async ValueTask<ApiObject> UpdateAsync(ResourceName name, JsonObject obj, string subresource, CancellationToken cancellationToken)
    {
        await WaitAsync(cancellationToken).ConfigureAwait(false);
        var request = Request("update", name, subresource);
        return (await pipeline.UpdateAsync(request, Body(obj), _options, cancellationToken).ConfigureAwait(false)).Object!;
    }

    /// <inheritdoc />
    public async ValueTask<ApiObject> PatchAsync(
        ResourceName name, PatchType type, JsonNode patch, string subresource, CancellationToken cancellationToken)
    {
        await WaitAsync(cancellationToken).ConfigureAwait(false);
        var request = Request("patch", name, subresource);
        return (await pipeline.PatchAsync(request, type, Body(patch), _options, cancellationToken).ConfigureAwait(false)).Object!;
    }

    /// <inheritdoc />
    public async ValueTask<ApiObject?> DeleteAsync(ResourceName name, DeleteOptions options, CancellationToken cancellationToken)
    {
        await WaitAsync(cancellationToken).ConfigureAwait(false);
        var result = await pipeline.DeleteAsync(Request("delete", name, ""), options, false, cancellationToken).ConfigureAwait(false);
        return result.Gone ? null : result.Object;
    }

    /// <inheritdoc />
    public async ValueTask<IInformer> OpenInformerAsync(ResourceScope scope, CancellationToken cancellationToken)
    {
        await WaitAsync(cancellationToken).ConfigureAwait(false);
        return await pipeline.SubscribeAsync(user, scope, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<ApiResource>> GetResourcesAsync(CancellationToken cancellationToken)
    {
        await WaitAsync(cancellationToken).ConfigureAwait(false);
        return [.. registry.All.Where(static d => d.StoredAs is null).Select(d => new ApiResource(d.Resource, d.Kind, d.Namespaced, d.Verbs))];
    }

    /// <summary>The pipeline changes what it is given; the caller's JSON stays the caller's.</summary>
    private static RequestBody Body(JsonNode node) => new(node.DeepClone(), []);

    private ApiRequest Request(string verb, ResourceName name, string subresource) => new()
    {
        User = user,
        Verb = verb,
        Resource = name.Resource,
        Namespace = name.Namespace,
        Name = name.Name,
        Subresource = subresource,
    };

    private ValueTask WaitAsync(CancellationToken cancellationToken) =>
        ready.IsCompletedSuccessfully ? ValueTask.CompletedTask : new ValueTask(ready.WaitAsync(cancellationToken));
}
