using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Modular.ApiServer.Tests;

/// <summary>A server in the cluster.</summary>
internal sealed class Backend : IAsyncDisposable
{
    private readonly WebApplication _server;

    private Backend(WebApplication server)
    {
        _server = server;
        Address = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
    }

    public string Address { get; }

    public static async Task<Backend> StartAsync(RequestDelegate handle, bool https = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0, listener =>
            {
                if (https)
                {
                    listener.UseHttps(Certificate());
                }
            });
        });
        var server = builder.Build();
        server.UseWebSockets();
        server.Run(handle);
        await server.StartAsync(TestServer.Cancel);
        return new Backend(server);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    /// <summary>One that nobody trusts.</summary>
    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=nobody", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
