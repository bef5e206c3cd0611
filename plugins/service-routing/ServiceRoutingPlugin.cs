using Microsoft.Extensions.Logging;
using Modular.Abstractions;
using Modular.Toolkit;

namespace Modular.Plugins.ServiceRouting;

/// <summary>Runs the driver, and again if it fails.</summary>
public sealed partial class ServiceRoutingPlugin : IPlugin
{
    private static readonly TimeSpan FirstRestart = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestRestart = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _ready = new();
    private IPluginContext? _context;
    private ContractHandle<IServiceProxy>? _proxy;
    private ContractHandle<IDnsServer>? _dns;
    private RoutingOptions _options = new();
    private ILogger? _log;
    private bool? _hasProxy;
    private bool? _hasDns;
    private Task _run = Task.CompletedTask;

    /// <inheritdoc />
    public ValueTask ProvisionAsync(IPluginContext context, CancellationToken cancellationToken)
    {
        _context = context;
        _log = context.Log.CreateLogger("service-routing");
        _options = RoutingOptions.From(context.Configuration);
        _proxy = context.Require<IServiceProxy>();
        _dns = context.Require<IDnsServer>();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        var metrics = new RoutingMetrics(_context!.Meter);
        _run = Task.Run(() => RunUntilStoppedAsync(metrics, _stop.Token), CancellationToken.None);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public async ValueTask StopAsync(StopReason reason, CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _run.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!_stop.IsCancellationRequested)
        {
            await _stop.CancelAsync().ConfigureAwait(false);
        }

        await _run.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunUntilStoppedAsync(RoutingMetrics metrics, CancellationToken stop)
    {
        for (var failures = 0; !stop.IsCancellationRequested; failures++)
        {
            var driver = new RoutingDriver(
                _context!.Api, _proxy!, _dns!, _options, _context.Host.NodeName, _context.Time, metrics, _log!,
                has => Report(ref _hasProxy, has), has => Report(ref _hasDns, has));
            await using (driver.ConfigureAwait(false))
            {
                try
                {
                    await driver.RunAsync(stop).ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (stop.IsCancellationRequested)
                {
                    return;
                }
                catch (Exception error)
                {
                    LogRestart(_log!, error);
                }
            }

            await Task.Delay(BackOffDelay.After(FirstRestart, LongestRestart, failures), _context.Time, stop)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Report(ref bool? has, bool now)
    {
        lock (_ready)
        {
            if (has == now)
            {
                return;
            }

            has = now;
            if (_hasProxy == false)
            {
                _context!.SetReady(false, "ServiceProxyUnavailable", "no plugin provides modular.service-proxy; services have no virtual addresses");
            }
            else if (_hasDns == false)
            {
                _context!.SetReady(false, "NameServerUnavailable", "no plugin provides modular.dns; services have no names");
            }
            else
            {
                _context!.SetReady(true);
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "service routing stopped, it starts again soon")]
    private static partial void LogRestart(ILogger log, Exception error);
}
