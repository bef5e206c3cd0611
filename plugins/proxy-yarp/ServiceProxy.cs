using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Modular.Abstractions;
using Modular.Plugins.ProxyYarp.Http;
using Modular.Plugins.ProxyYarp.Routing;
using Modular.Plugins.ProxyYarp.Tcp;
using Modular.Plugins.ProxyYarp.Udp;

namespace Modular.Plugins.ProxyYarp;

/// <summary>
/// Keeps listeners for all services and hands what they take to the carrier of its protocol. A change touches the services it is about.
/// </summary>
internal sealed class ServiceProxy : IServiceProxy, IAsyncDisposable
{
    private static readonly TimeSpan LingerCheck = TimeSpan.FromMilliseconds(500);

    private readonly SemaphoreSlim _gate = new(1);
    private readonly Dictionary<string, ServedService> _services = new(StringComparer.Ordinal);
    private readonly HashSet<ServedService> _incomplete = [];
    private readonly NodeAddresses _nodeAddresses;
    private readonly FrontendTable _frontends;
    private readonly TcpCarrier _tcp;
    private readonly HttpCarrier _http;
    private readonly UdpSessions _udp;
    private readonly Drains _drains;
    private readonly AddressUse _use;
    private readonly TimeProvider _time;
    private readonly ProxyMetrics _metrics;
    private long _revision;
    private bool _stopped;

    /// <param name="listeners">Lends the sockets.</param>
    /// <param name="options">The configuration.</param>
    /// <param name="useDirectory">Where instances tell each other what they still carry.</param>
    /// <param name="time">The clock.</param>
    /// <param name="metrics">What is counted.</param>
    /// <param name="log">Where Kestrel logs.</param>
    public ServiceProxy(IListeners listeners, ProxyOptions options, string useDirectory, TimeProvider time, ProxyMetrics metrics, ILoggerFactory log)
    {
        _drains = new Drains(time);
        _use = new AddressUse(useDirectory);
        _time = time;
        _metrics = metrics;
        _tcp = new TcpCarrier(_use, metrics, options.ConnectTimeout);
        _http = new HttpCarrier(_use, metrics, options.ConnectTimeout, log);
        _udp = new UdpSessions(options.MaxUdpSessions, options.UdpIdle, time, metrics);
        _frontends = new FrontendTable(
            listeners,
            (lease, binding) => binding.Transport == ProtocolType.Udp
                ? new UdpFrontend(lease, binding.Route, _udp, metrics)
                : new TcpListenerLoop(lease, binding.Route, _tcp, _http, metrics, options.MaxConnections),
            metrics);
        _nodeAddresses = new NodeAddresses(options.NodePortAddresses, () => _ = FollowNodeAddressesAsync());
    }

    public Task StartAsync(CancellationToken cancellationToken) => _http.StartAsync(cancellationToken);

    public async ValueTask<ServiceReport> ApplyAsync(ServiceDelta delta, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_stopped || (delta.Base != 0 && delta.Base != _revision))
            {
                return new ServiceReport { Revision = _stopped ? -1 : _revision };
            }

            var started = _time.GetTimestamp();
            var problems = await TakeInAsync(delta).ConfigureAwait(false);
            _drains.Prune(address => _services.Values.Any(service => service.LeadsTo(address)));
            _revision = delta.Revision;
            _metrics.Applied(_time.GetElapsedTime(started));
            return new ServiceReport { Revision = _revision, Problems = problems };
        }
        finally
        {
            _gate.Release();
        }
    }

    public ValueTask<bool> DrainAsync(string address, CancellationToken cancellationToken)
    {
        if (!IPAddress.TryParse(address, out var parsed))
        {
            return ValueTask.FromResult(false);
        }

        _drains.Add(parsed);
        return ValueTask.FromResult(_use.IsUsed(parsed));
    }

    /// <summary>Takes nothing new. Connections go on, and what they ask is asked of the successor that listens at the same addresses.</summary>
    public async ValueTask HandOverAsync()
    {
        await StopListeningAsync().ConfigureAwait(false);
        _use.HandOver();
        _http.Succeed();
    }

    /// <summary>Completes when no connection and no UDP session is left.</summary>
    public async Task LingerAsync(CancellationToken cancellationToken)
    {
        while (_metrics.OpenConnections > 0 || _metrics.UdpSessions > 0)
        {
            await Task.Delay(LingerCheck, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes nothing new and cuts what there is.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopListeningAsync().ConfigureAwait(false);
        _tcp.Abort();
        _udp.Dispose();
        await _http.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask StopListeningAsync()
    {
        _nodeAddresses.Dispose();
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            _stopped = true;
            await _frontends.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    private async ValueTask<List<ServiceProblem>> TakeInAsync(ServiceDelta delta)
    {
        foreach (var uid in delta.Base == 0 ? _services.Keys.Except(delta.Services.Select(service => service.Uid)).ToList() : delta.Removed)
        {
            if (_services.Remove(uid, out var service))
            {
                service.Close();
                service.Wanted.Clear();
                _incomplete.Remove(service);
                await _frontends.ReleaseAsync(service).ConfigureAwait(false);
            }
        }

        // What one gives up another may want.
        foreach (var record in delta.Services)
        {
            if (!_services.TryGetValue(record.Uid, out var service))
            {
                _services[record.Uid] = service = new ServedService(_drains, _time);
            }

            service.Update(record, _nodeAddresses.Current);
            _incomplete.Add(service);
            await _frontends.ReleaseAsync(service).ConfigureAwait(false);
        }

        return AcquireMissing();
    }

    private List<ServiceProblem> AcquireMissing()
    {
        var problems = new List<ServiceProblem>();
        foreach (var service in _incomplete)
        {
            problems.AddRange(service.Problems);
            _frontends.Acquire(service, problems);
        }

        _incomplete.RemoveWhere(static service => service.Problems.Count == 0 && service.Held.Count == service.Wanted.Count);
        return problems;
    }

    // A problem that this makes or ends is told with the next delta.
    private async Task FollowNodeAddressesAsync()
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_stopped)
            {
                return;
            }

            _nodeAddresses.Refresh();
            foreach (var service in _services.Values)
            {
                if (service.Record.Ports.Any(static port => port.NodePort > 0))
                {
                    service.Update(service.Record, _nodeAddresses.Current);
                    _incomplete.Add(service);
                    await _frontends.ReleaseAsync(service).ConfigureAwait(false);
                }
            }

            AcquireMissing();
        }
        finally
        {
            _gate.Release();
        }
    }
}
