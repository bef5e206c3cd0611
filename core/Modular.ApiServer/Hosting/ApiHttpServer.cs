using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Modular.ApiServer;

/// <summary>The Kubernetes REST API on Kestrel: HTTP/1.1 and HTTP/2, with one request delegate behind the listeners and nothing between.</summary>
public sealed class ApiHttpServer : IAsyncDisposable
{
    private readonly ApiServerOptions _options;
    private readonly WebApplication _application;

    /// <summary>Composes the server; nothing listens yet.</summary>
    public ApiHttpServer(ApiServerOptions options, ApiServerParts parts)
    {
        _options = options;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(parts.Log);
        builder.Services.AddLogging();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.ShutdownTimeout);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(Configure);
        _application = builder.Build();
        _application.UseWebSockets();
        var dispatcher = new RequestDispatcher(options, parts, _application.Lifetime.ApplicationStopping);
        _application.Run(dispatcher.HandleAsync);
    }

    /// <summary>Where the server listens; valid once it started.</summary>
    public IReadOnlyList<Uri> Addresses { get; private set; } = [];

    /// <summary>Starts to listen.</summary>
    /// <exception cref="AddressUnavailableException">An address is taken or is not this machine's.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _application.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw new AddressUnavailableException(_options.Listen, e);
        }

        var bound = _application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>();
        Addresses = [.. bound!.Addresses.Select(address => new Uri(address))];
    }

    /// <summary>Stops listening, ends the watches and waits for the other requests.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _application.StopAsync(cancellationToken);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = _options.BodyLimit;
        kestrel.Limits.RequestHeadersTimeout = _options.HeaderTimeout;
        kestrel.Limits.KeepAliveTimeout = _options.IdleTimeout;
        // A client that stops reading a log or a watch for a while is no attack.
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.Http2.MaxStreamsPerConnection = 250;
        // Warning headers carry what users wrote, in any language.
        kestrel.ResponseHeaderEncodingSelector = static _ => Encoding.UTF8;
        foreach (var endpoint in _options.Listen)
        {
            kestrel.Listen(endpoint, ConfigureListener);
        }
    }

    private void ConfigureListener(ListenOptions listener)
    {
        if (_options.ServerCertificate is not { } certificate)
        {
            listener.Protocols = HttpProtocols.Http1;
            return;
        }

        listener.Protocols = HttpProtocols.Http1AndHttp2;
        listener.UseHttps(new HttpsConnectionAdapterOptions
        {
            ServerCertificate = certificate,
            ServerCertificateChain = _options.Intermediates,
            ClientCertificateMode = ClientCertificateMode.AllowCertificate,
            // Possession of the key is proved here; whom to trust is the authenticators' question.
            ClientCertificateValidation = static (_, _, _) => true,
            SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        });
    }
}
