using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Yarp.ReverseProxy.Forwarder;

namespace Modular.ApiServer;

/// <summary>Carries requests to servers in the cluster, with bodies and upgrades as streams. Thread-safe.</summary>
internal sealed class ServerProxy : IDisposable
{
    // How long a server may be silent is its own matter.
    private static readonly ForwarderRequestConfig Config = new()
    {
        ActivityTimeout = Timeout.InfiniteTimeSpan,
        AllowResponseBuffering = false,
        Version = HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    // Made when somebody asks for a server for the first time: most API servers are never asked.
    private readonly Lazy<ServiceProvider> _services = new(static () => new ServiceCollection()
        .AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance)
        .AddSingleton(typeof(ILogger<>), typeof(NullLogger<>))
        .AddSingleton(_ => new ServerClient())
        .AddHttpForwarder()
        .BuildServiceProvider());

    public void Dispose()
    {
        if (_services.IsValueCreated)
        {
            _services.Value.Dispose();
        }
    }

    /// <summary>Lets a server answer.</summary>
    /// <exception cref="ApiException">ServiceUnavailable: it can't be reached, or does not speak HTTP.</exception>
    public async Task ForwardAsync(HttpContext context, string address, ServerPath path)
    {
        LiftLimits(context);
        var services = _services.Value;
        var error = await services.GetRequiredService<IHttpForwarder>()
            .SendAsync(context, address, services.GetRequiredService<ServerClient>(), Config, new ServerTransformer(address, path))
            .ConfigureAwait(false);
        if (error != ForwarderError.None && !context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            var reason = context.Features.Get<IForwarderErrorFeature>()?.Exception?.Message ?? error.ToString();
            throw new ApiException(StatusReason.ServiceUnavailable, $"error trying to reach service: {reason}");
        }
    }

    /// <summary>The API's bounds on bodies are not those of servers behind it.</summary>
    private static void LiftLimits(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }
    }
}
