using System.Text.Json.Nodes;

namespace Modular.Kernel.Plugins;

/// <summary>
/// A plugin's hold on the API: waits until the API serves, and closes what the plugin opened when it stops.
/// </summary>
internal sealed class PluginApiClient(Func<IApiClient> open, Task serves) : IApiClient, IAsyncDisposable
{
    private readonly Lazy<IApiClient> _client = new(open);
    private readonly List<IInformer> _informers = [];
    private bool _closed;

    public async ValueTask<ApiObject> GetAsync(ResourceName name, CancellationToken cancellationToken) =>
        await (await ClientAsync(cancellationToken)).GetAsync(name, cancellationToken);

    public async ValueTask<ApiObjectList> ListAsync(ResourceScope scope, CancellationToken cancellationToken) =>
        await (await ClientAsync(cancellationToken)).ListAsync(scope, cancellationToken);

    public async ValueTask<ApiObject> CreateAsync(GroupVersionResource resource, string ns, JsonObject obj, CancellationToken cancellationToken) =>
        await (await ClientAsync(cancellationToken)).CreateAsync(resource, ns, obj, cancellationToken);

    public async ValueTask<ApiObject?> CreateAsync(ResourceName name, string subresource, JsonObject body, CancellationToken cancellationToken) =>
        await (await ClientAsync(cancellationToken)).CreateAsync(name, subresource, body, cancellationToken);

    public async ValueTask<ApiObject> UpdateAsync(ResourceName name, JsonObject obj, string subresource, CancellationToken cancellationToken) =>
        await (await ClientAsync(cancellationToken)).UpdateAsync(name, obj, subresource, cancellationToken);

    public async ValueTask<ApiObject> PatchAsync(
        ResourceName name, PatchType type, JsonNode patch, string subresource, CancellationToken cancellationToken) =>
        await (await ClientAsync(cancellationToken)).PatchAsync(name, type, patch, subresource, cancellationToken);

    public async ValueTask<ApiObject?> DeleteAsync(ResourceName name, DeleteOptions options, CancellationToken cancellationToken) =>
        await (await ClientAsync(cancellationToken)).DeleteAsync(name, options, cancellationToken);

    public async ValueTask<IReadOnlyList<ApiResource>> GetResourcesAsync(CancellationToken cancellationToken) =>
        await (await ClientAsync(cancellationToken)).GetResourcesAsync(cancellationToken);

    public async ValueTask<IInformer> OpenInformerAsync(ResourceScope scope, CancellationToken cancellationToken)
    {
        var informer = await (await ClientAsync(cancellationToken)).OpenInformerAsync(scope, cancellationToken);
        lock (_informers)
        {
            if (!_closed)
            {
                _informers.Add(informer);
                return informer;
            }
        }

        await informer.DisposeAsync();
        throw new ObjectDisposedException(nameof(IApiClient), "the plugin has stopped");
    }

    public async ValueTask DisposeAsync()
    {
        IInformer[] informers;
        lock (_informers)
        {
            _closed = true;
            informers = [.. _informers];
            _informers.Clear();
        }

        foreach (var informer in informers)
        {
            await informer.DisposeAsync();
        }
    }

    private ValueTask<IApiClient> ClientAsync(CancellationToken cancellationToken)
    {
        return serves.IsCompletedSuccessfully ? new(_client.Value) : new(WaitAsync());

        async Task<IApiClient> WaitAsync()
        {
            await serves.WaitAsync(cancellationToken);
            return _client.Value;
        }
    }
}
