using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;

namespace Modular.Fixtures;

/// <summary>An API that does not serve yet: calls wait.</summary>
internal sealed class SilentApi : IApiClient
{
    public ValueTask<ApiObject> GetAsync(ResourceName name, CancellationToken cancellationToken) => WaitAsync<ApiObject>(cancellationToken);

    public ValueTask<ApiObjectList> ListAsync(ResourceScope scope, CancellationToken cancellationToken) => WaitAsync<ApiObjectList>(cancellationToken);

    public ValueTask<ApiObject> CreateAsync(GroupVersionResource resource, string ns, JsonObject obj, CancellationToken cancellationToken) =>
        WaitAsync<ApiObject>(cancellationToken);

    public ValueTask<ApiObject?> CreateAsync(ResourceName name, string subresource, JsonObject body, CancellationToken cancellationToken) =>
        WaitAsync<ApiObject?>(cancellationToken);

    public ValueTask<ApiObject> UpdateAsync(ResourceName name, JsonObject obj, string subresource, CancellationToken cancellationToken) =>
        WaitAsync<ApiObject>(cancellationToken);

    public ValueTask<ApiObject> PatchAsync(ResourceName name, PatchType type, JsonNode patch, string subresource, CancellationToken cancellationToken) =>
        WaitAsync<ApiObject>(cancellationToken);

    public ValueTask<ApiObject?> DeleteAsync(ResourceName name, DeleteOptions options, CancellationToken cancellationToken) =>
        WaitAsync<ApiObject?>(cancellationToken);

    public ValueTask<IInformer> OpenInformerAsync(ResourceScope scope, CancellationToken cancellationToken) => WaitAsync<IInformer>(cancellationToken);

    public ValueTask<IReadOnlyList<ApiResource>> GetResourcesAsync(CancellationToken cancellationToken) => WaitAsync<IReadOnlyList<ApiResource>>(cancellationToken);

    private static async ValueTask<T> WaitAsync<T>(CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        throw new OperationCanceledException(cancellationToken);
    }
}
