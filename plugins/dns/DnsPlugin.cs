using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Modular.Plugins.Dns.Forwarding;
using Modular.Plugins.Dns.Records;
using Modular.Plugins.Dns.Serving;
using Modular.Toolkit;

namespace Modular.Plugins.Dns;

/// <summary>Answers for the cluster's names at the address that every pod is told.</summary>
public sealed partial class DnsPlugin : IPlugin
{
    private const string ResolverFile = "/etc/resolv.conf";

    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(5);

    /// <summary>How long questions wait for the services to be known before they are answered without.</summary>
    private static readonly TimeSpan PatienceForServices = TimeSpan.FromSeconds(4);

    private readonly CancellationTokenSource _stop = new();
    private IPluginContext? _context;
    private DnsOptions _options = new();
    private ILogger? _log;
    private IPEndPoint? _endpoint;
    private Zone? _zone;
    private RecordTable? _table;
    private DnsServer? _server;
    private DnsMetrics? _metrics;
    private Forwarder? _forwarder;
    private NameServer? _answering;
    private ControllerRunner? _announcing;
    private Task _run = Task.CompletedTask;
    private Task? _ending;

    /// <inheritdoc />
    public ValueTask ProvisionAsync(IPluginContext context, CancellationToken cancellationToken)
    {
        var network = context.Host.Network;
        _context = context;
        _log = context.Log.CreateLogger("dns");
        _options = DnsOptions.Read(context.Configuration);
        _zone = new Zone(network, (uint)_options.TimeToLive);
        _table = new RecordTable(_zone);
        _server = new DnsServer(_table);
        _endpoint = new IPEndPoint(_zone.Address, network.DnsPort);
        context.Provide<IDnsServer>(_server);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        var context = _context!;
        _metrics = new DnsMetrics(context.Meter);
        _forwarder = new Forwarder(new UpstreamServers(_options.Forward, ResolverFile, [_endpoint!]), _options, context.Time, _metrics);
        _metrics.Observe(_table!, _forwarder);
        _announcing = new ControllerRunner(
            new NameServerService(context.Api, context.Host.Network), context.Api, context.Time, _log!, new ControllerMetrics(context.Meter));
        _announcing.Start();
        _run = Task.Run(() => ServeAsync(_stop.Token), CancellationToken.None);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public async ValueTask StopAsync(StopReason reason, CancellationToken cancellationToken) =>
        await EndAsync().WaitAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => new(EndAsync());

    private async Task ServeAsync(CancellationToken stop)
    {
        // On the sockets of a predecessor questions may be waiting already; they had better wait than be told that no service exists.
        _context!.SetReady(false, "WaitingForServices", "no plugin has told which services there are; their names cannot be answered yet");
        await _server!.Complete.WaitAsync(PatienceForServices, _context.Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        for (var failures = 0; _answering is null && !stop.IsCancellationRequested; failures++)
        {
            try
            {
                _answering = new NameServer(
                    _context.Listeners, _endpoint!, _table!, _zone!, _forwarder!, _options, _metrics!, _context.Time, _log!);
            }
            catch (SocketException error)
            {
                if (failures == 0)
                {
                    LogNoAddress(_log!, _endpoint!, error.Message);
                }

                var reason = error.SocketErrorCode == SocketError.AddressAlreadyInUse ? "PortInUse" : "AddressNotAvailable";
                _context.SetReady(false, reason, $"cannot answer at {_endpoint}: {error.Message}");
                await Task.Delay(BackOffDelay.After(FirstRetry, LongestRetry, failures), _context.Time, stop)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        await _server.Complete.WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!stop.IsCancellationRequested)
        {
            _context.SetReady(true);
        }
    }

    private Task EndAsync() => _ending ??= EndOnceAsync();

    private async Task EndOnceAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_announcing is not null)
        {
            await _announcing.DisposeAsync().ConfigureAwait(false);
        }

        if (_answering is not null)
        {
            await _answering.DisposeAsync().ConfigureAwait(false);
        }

        if (_forwarder is not null)
        {
            await _forwarder.DisposeAsync().ConfigureAwait(false);
        }

        _stop.Dispose();
    }

    [LoggerMessage(LogLevel.Warning, "cannot answer at {Endpoint} yet: {Error}")]
    private static partial void LogNoAddress(ILogger log, IPEndPoint endpoint, string error);
}
