using Modular.Plugins.ResourcesKubernetes.Allocation;
using Modular.Plugins.ResourcesKubernetes.Strategies;

namespace Modular.Plugins.ResourcesKubernetes;

/// <summary>The built-in kinds of the Kubernetes API as a plugin.</summary>
public sealed class ResourcesKubernetesPlugin : IPlugin
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _stop = new();
    private IPluginContext? _context;
    private ServiceAllocator? _services;
    private Task _following = Task.CompletedTask;

    /// <inheritdoc />
    public ValueTask ProvisionAsync(IPluginContext context, CancellationToken cancellationToken)
    {
        _context = context;
        _services = new ServiceAllocator(context.Host.Network.ServiceRange, context.Time);
        context.Provide<IResourceSource>(new KubernetesResources(_services, new DisruptionBudgets(() => context.Api)));
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        // The API is made of this plugin, so it serves only later.
        _following = Task.Run(() => FollowServicesAsync(_context!, _services!, _stop.Token), CancellationToken.None);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!_stop.IsCancellationRequested)
        {
            await _stop.CancelAsync().ConfigureAwait(false);
        }

        await _following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private static async Task FollowServicesAsync(IPluginContext context, ServiceAllocator services, CancellationToken stop)
    {
        try
        {
            await using var informer = await OpenAsync(context, stop).ConfigureAwait(false);
            await services.FollowAsync(informer, stop).ConfigureAwait(false);
        }
        catch (Exception error) when (!stop.IsCancellationRequested)
        {
            services.Abandon(error);
            context.SetReady(false, "ServicesUnknown", $"services get no addresses: {error.Message}");
        }
    }

    /// <summary>The API serves the kinds of a plugin a moment after it started; seen from another process, it may be away for a moment.</summary>
    private static async Task<IInformer> OpenAsync(IPluginContext context, CancellationToken stop)
    {
        var scope = new ResourceScope(new GroupVersionResource("", "v1", "services"));
        for (var delay = FirstDelay; ; delay *= 2)
        {
            try
            {
                return await context.Api.OpenInformerAsync(scope, stop).ConfigureAwait(false);
            }
            catch (ApiException error) when (error.Reason is StatusReason.NotFound or StatusReason.ServiceUnavailable && delay < LongestDelay)
            {
                await Task.Delay(delay, context.Time, stop).ConfigureAwait(false);
            }
        }
    }
}
