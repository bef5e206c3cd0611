using Modular.Abstractions;

namespace Modular.Plugins.ProxyYarp;

/// <summary>Makes the proxy, and hands over to a successor without cutting a connection.</summary>
public sealed class ProxyYarpPlugin : IPlugin, ILingering
{
    private ServiceProxy? _proxy;
    private ServiceProxy? _handedOver;

    /// <inheritdoc />
    public ValueTask ProvisionAsync(IPluginContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var options = ProxyOptions.From(context.Configuration);
        _proxy = new ServiceProxy(context.Listeners, options, Path.Combine(context.StateDirectory, "use"), context.Time, new ProxyMetrics(context.Meter), context.Log);
        context.Provide<IServiceProxy>(_proxy);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask StartAsync(CancellationToken cancellationToken) => new(_proxy!.StartAsync(cancellationToken));

    /// <inheritdoc />
    public async ValueTask StopAsync(StopReason reason, CancellationToken cancellationToken)
    {
        if (reason == StopReason.Replaced)
        {
            // What is connected stays so, for as long as it takes; it needs nothing of the host any more.
            await _proxy!.HandOverAsync().ConfigureAwait(false);
            (_handedOver, _proxy) = (_proxy, null);
        }
    }

    /// <inheritdoc />
    public Task LingerAsync(CancellationToken cancellationToken) => _handedOver?.LingerAsync(cancellationToken) ?? Task.CompletedTask;

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _proxy?.DisposeAsync() ?? ValueTask.CompletedTask;
}
