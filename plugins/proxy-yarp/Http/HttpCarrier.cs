using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Modular.Plugins.ProxyYarp.Routing;
using Modular.Plugins.ProxyYarp.Tcp;
using Yarp.ReverseProxy.Forwarder;

namespace Modular.Plugins.ProxyYarp.Http;

/// <summary>
/// One Kestrel for the HTTP ports of all services. Connections are accepted elsewhere and handed in, so ports come and go while it runs.
/// Thread-safe.
/// </summary>
internal sealed class HttpCarrier : IAsyncDisposable
{
    private readonly HandedConnections _http = new("http");
    private readonly HandedConnections _http2 = new("http2");
    private readonly SocketConnectionContextFactory _contexts;
    private readonly UpstreamClient _upstream;
    private readonly ServiceProvider _services;
    private readonly ForwardingApplication _application;
    private readonly KestrelServer _server;
    private readonly ProxyMetrics _metrics;
    private readonly Action<object?> _closed;

    public HttpCarrier(AddressUse use, ProxyMetrics metrics, TimeSpan connectTimeout, ILoggerFactory log)
    {
        _metrics = metrics;
        _closed = _ => _metrics.Closed();
        _upstream = new UpstreamClient(connectTimeout);

        // The forwarder has a line for each request.
        _services = new ServiceCollection()
            .AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance)
            .AddSingleton(typeof(ILogger<>), typeof(NullLogger<>))
            .AddHttpForwarder()
            .BuildServiceProvider();
        _application = new ForwardingApplication(_services.GetRequiredService<IHttpForwarder>(), _upstream, use, metrics);
        _contexts = new SocketConnectionContextFactory(
            new SocketConnectionFactoryOptions { UnsafePreferInlineScheduling = true }, NullLogger.Instance);
        _server = new KestrelServer(Options.Create(ServerOptions()), new HandedConnectionsFactory(), log);
    }

    public Task StartAsync(CancellationToken cancellationToken) => _server.StartAsync(_application, cancellationToken);

    /// <summary>Serves an accepted connection, in the background.</summary>
    public void Take(Socket client, HttpFrontend frontend)
    {
        ConnectionContext connection;
        try
        {
            connection = _contexts.Create(client);
        }
        catch (SocketException)
        {
            SocketEnd.Reset(client);
            _metrics.Closed();
            return;
        }

        connection.Features.Set(frontend);
        connection.ConnectionClosed.UnsafeRegister(_closed, null);
        if (!(frontend.Protocol == RouteProtocol.Http2 ? _http2 : _http).Hand(connection))
        {
            connection.Abort();
        }
    }

    /// <summary>From now on another proxy accepts at the same addresses and knows where requests go; they are sent there.</summary>
    public void Succeed() => _application.Succeed();

    /// <summary>Cuts all connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(new CancellationToken(canceled: true)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _server.Dispose();
        _contexts.Dispose();
        _upstream.Dispose();
        await _services.DisposeAsync().ConfigureAwait(false);
    }

    // What services do is up to them: no limit on bodies or on how slowly they come.
    private KestrelServerOptions ServerOptions()
    {
        var options = new KestrelServerOptions { ApplicationServices = _services, AddServerHeader = false, AllowAlternateSchemes = true };
        options.Limits.MaxRequestBodySize = null;
        options.Limits.MinRequestBodyDataRate = null;
        options.Limits.MinResponseDataRate = null;
        options.Limits.MaxRequestHeadersTotalSize = 64 << 10;
        options.RequestHeaderEncodingSelector = static _ => System.Text.Encoding.Latin1;
        options.ResponseHeaderEncodingSelector = static _ => System.Text.Encoding.Latin1;
        options.Listen(_http, static endpoint => endpoint.Protocols = HttpProtocols.Http1);
        options.Listen(_http2, static endpoint => endpoint.Protocols = HttpProtocols.Http2);
        return options;
    }
}
