using System.Threading.Channels;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;

namespace Modular.Plugins.Scheduling;

/// <summary>Passes the changes of pods and nodes on to the driver.</summary>
internal static class ClusterFeed
{
    public static async Task RunAsync(IApiClient api, ChannelWriter<DriverMessage> driver, CancellationToken stop)
    {
        await using var pods = await api.OpenInformerAsync(new ResourceScope(KubernetesResources.Pods), stop).ConfigureAwait(false);
        await using var nodes = await api.OpenInformerAsync(new ResourceScope(KubernetesResources.Nodes), stop).ConfigureAwait(false);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var feeds = new[]
        {
            FeedAsync(pods, driver, DriverNews.Pod, DriverNews.PodGone, DriverNews.PodsComplete, ended.Token),
            FeedAsync(nodes, driver, DriverNews.Node, DriverNews.NodeGone, DriverNews.NodesComplete, ended.Token),
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
        IInformer informer, ChannelWriter<DriverMessage> driver, DriverNews changed, DriverNews gone, DriverNews complete, CancellationToken stop)
    {
        await foreach (var change in informer.ReadEventsAsync(stop).ConfigureAwait(false))
        {
            driver.TryWrite(change.Type switch
            {
                WatchEventType.Deleted => new DriverMessage(gone, change.Object),
                WatchEventType.Bookmark => new DriverMessage(complete),
                _ => new DriverMessage(changed, change.Object),
            });
        }
    }
}
