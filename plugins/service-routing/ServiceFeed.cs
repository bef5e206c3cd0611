using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;

namespace Modular.Plugins.ServiceRouting;

/// <summary>Keeps the table up to date with services and endpoint slices.</summary>
internal static class ServiceFeed
{
    public static async Task RunAsync(IApiClient api, ServiceTable table, CancellationToken stop)
    {
        await using var services = await api.OpenInformerAsync(new ResourceScope(KubernetesResources.Services), stop).ConfigureAwait(false);
        await using var slices = await api.OpenInformerAsync(new ResourceScope(KubernetesResources.EndpointSlices), stop).ConfigureAwait(false);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var feeds = new[]
        {
            FeedAsync(services, table.PutService, table.RemoveService, table.Complete, ended.Token),
            FeedAsync(slices, table.PutSlice, table.RemoveSlice, table.Complete, ended.Token),
        };
        try
        {
            await (await Task.WhenAny(feeds).ConfigureAwait(false)).ConfigureAwait(false);
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(feeds).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task FeedAsync(
        IInformer informer, Action<ApiObject> put, Action<ApiObject> remove, Action complete, CancellationToken stop)
    {
        await foreach (var change in informer.ReadEventsAsync(stop).ConfigureAwait(false))
        {
            switch (change.Type)
            {
                case WatchEventType.Bookmark:
                    complete();
                    break;
                case WatchEventType.Deleted:
                    remove(change.Object!);
                    break;
                default:
                    put(change.Object!);
                    break;
            }
        }
    }
}
