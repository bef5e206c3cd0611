using Microsoft.Extensions.Logging;
using Modular.Abstractions;
using Modular.Toolkit;

namespace Modular.Plugins.ServiceRouting;

/// <summary>One table of services, one feed into it, and a receiver for each role that goes by it.</summary>
internal sealed class RoutingDriver : IAsyncDisposable
{
    private readonly IApiClient _api;
    private readonly ServiceTable _table = new();
    private readonly EventRecorder _events;
    private readonly DeltaReceiver<IServiceProxy> _proxy;
    private readonly DeltaReceiver<IDnsServer> _dns;

    public RoutingDriver(
        IApiClient api,
        ContractHandle<IServiceProxy> proxy,
        ContractHandle<IDnsServer> dns,
        RoutingOptions options,
        string node,
        TimeProvider time,
        RoutingMetrics metrics,
        ILogger log,
        Action<bool> hasProxy,
        Action<bool> hasDns)
    {
        _api = api;
        _events = new EventRecorder(api, "service-routing", time, log, node);
        _proxy = new DeltaReceiver<IServiceProxy>(
            "service-proxy", proxy, static (receiver, delta, token) => receiver.ApplyAsync(delta, token),
            _table, new ProblemReporter(_table, _events, log), options, time, metrics, log, hasProxy);
        _dns = new DeltaReceiver<IDnsServer>(
            "dns", dns, static (receiver, delta, token) => receiver.ApplyAsync(delta, token),
            _table, new ProblemReporter(_table, _events, log), options, time, metrics, log, hasDns);
    }

    /// <summary>Runs until it is cancelled; throws if an informer cannot be had.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var parts = new[]
        {
            ServiceFeed.RunAsync(_api, _table, ended.Token),
            _proxy.RunAsync(ended.Token),
            _dns.RunAsync(ended.Token),
        };
        try
        {
            await (await Task.WhenAny(parts).ConfigureAwait(false)).ConfigureAwait(false);
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public ValueTask DisposeAsync() => _events.DisposeAsync();
}
