using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
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
    // Bytes a second.
    private const double LeastBodyRate = 240;

    private readonly ApiServerOptions _options;
    private readonly ApiServerParts _parts;
    private readonly CancellationTokenSource _stopping = new();
    private readonly RequestDispatcher _dispatcher;
    private readonly List<WebApplication> _applications = [];
    private SslServerAuthenticationOptions? _tls;

    /// <summary>Composes the server; nothing listens yet.</summary>
    public ApiHttpServer(ApiServerOptions options, ApiServerParts parts)
    {
        _options = options;
        _parts = parts;
        _dispatcher = new RequestDispatcher(options, parts, _stopping.Token);
        if (options.ServerCertificate is { } certificate)
        {
            UseCertificate(certificate);
        }
    }

    /// <summary>Where the server listens; valid once it started.</summary>
    public IReadOnlyList<Uri> Addresses { get; private set; } = [];

    /// <summary>Starts to listen.</summary>
    /// <exception cref="AddressUnavailableException">An address is taken or is not this machine's.</exception>
    public Task StartAsync(CancellationToken cancellationToken) => ListenAsync(_options.Listen, cancellationToken);

    /// <summary>Listens at further addresses, beside those it has. Calls come one after the other.</summary>
    /// <exception cref="AddressUnavailableException">An address is taken or is not this machine's.</exception>
    public async Task ListenAsync(IReadOnlyList<IPEndPoint> endpoints, CancellationToken cancellationToken)
    {
        var application = Compose(endpoints);
        try
        {
            await application.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            await application.DisposeAsync().ConfigureAwait(false);
            throw new AddressUnavailableException(endpoints, e);
        }

        _applications.Add(application);
        var bound = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>();
        Addresses = [.. Addresses, .. bound!.Addresses.Select(address => new Uri(address))];
    }

    /// <summary>Presents another certificate to those who connect from now on.</summary>
    /// <param name="certificate">With its key; for a server that has had one from the start.</param>
    [SuppressMessage("Security", "CA5359", Justification = "Possession of the key is proved here; whom to trust, nobody included, is the authenticators' question.")]
    public void UseCertificate(X509Certificate2 certificate) => Volatile.Write(ref _tls, new SslServerAuthenticationOptions
    {
        ServerCertificateContext = SslStreamCertificateContext.Create(certificate, _options.Intermediates, offline: true),
        ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
        ClientCertificateRequired = true,
        RemoteCertificateValidationCallback = static (_, _, _, _) => true,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
    });

    /// <summary>Stops listening, ends the watches and waits for the other requests.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_applications.Select(application => application.StopAsync(cancellationToken))).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_applications.Select(application => application.DisposeAsync().AsTask())).ConfigureAwait(false);
        _dispatcher.Dispose();
        _stopping.Dispose();
    }

    private WebApplication Compose(IReadOnlyList<IPEndPoint> endpoints)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(_parts.Log);
        builder.Services.AddLogging();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = _options.ShutdownTimeout);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => Configure(kestrel, endpoints));
        var application = builder.Build();
        application.UseWebSockets();
        application.Run(_dispatcher.HandleAsync);
        return application;
    }

    private void Configure(KestrelServerOptions kestrel, IReadOnlyList<IPEndPoint> endpoints)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = _options.BodyLimit;
        kestrel.Limits.RequestHeadersTimeout = _options.HeaderTimeout;
        kestrel.Limits.KeepAliveTimeout = _options.IdleTimeout;
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(LeastBodyRate, _options.BodyGrace);
        // A client that stops reading a log or a watch for a while is no attack.
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.Http2.MaxStreamsPerConnection = 250;
        // Warning headers carry what users wrote, in any language.
        kestrel.ResponseHeaderEncodingSelector = static _ => Encoding.UTF8;
        foreach (var endpoint in endpoints)
        {
            kestrel.Listen(endpoint, ConfigureListener);
        }
    }

    private void ConfigureListener(ListenOptions listener)
    {
        if (_tls is null)
        {
            listener.Protocols = HttpProtocols.Http1;
            return;
        }

        listener.Protocols = HttpProtocols.Http1AndHttp2;
        listener.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(Volatile.Read(ref _tls)!) });
    }
}
