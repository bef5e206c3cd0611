using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Yarp.ReverseProxy.Forwarder;

namespace Modular.PluginProcess.Http;

/// <summary>Leads the requests of clients to a plugin's process, streams and upgrades too.</summary>
internal sealed class RequestForwarder : IDisposable
{
    private const string Process = "http://plugin";

    private readonly PluginIdentity _plugin;
    private readonly HttpMessageInvoker _socket;
    private readonly ServiceProvider _services;
    private readonly IHttpForwarder _forwarder;

    /// <param name="plugin">Whose process it is.</param>
    /// <param name="socketPath">Where it takes requests.</param>
    public RequestForwarder(PluginIdentity plugin, string socketPath)
    {
        _plugin = plugin;
        _socket = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = System.Net.DecompressionMethods.None,
            RequestHeaderEncodingSelector = static (_, _) => System.Text.Encoding.UTF8,
            ResponseHeaderEncodingSelector = static (_, _) => System.Text.Encoding.UTF8,
            ConnectCallback = (_, cancellationToken) => PluginChannel.ConnectAsync(socketPath, cancellationToken),
        });
        _services = new ServiceCollection().AddLogging().AddHttpForwarder().BuildServiceProvider();
        _forwarder = _services.GetRequiredService<IHttpForwarder>();
    }

    // A stream may be silent as long as it likes.
    private static ForwarderRequestConfig Settings => new() { ActivityTimeout = Timeout.InfiniteTimeSpan, AllowResponseBuffering = false };

    /// <summary>Has the process answer a request; if there is none, it is answered with a Status that says so.</summary>
    /// <param name="context">The request, of a sender who may make it.</param>
    /// <param name="contract">What it asks.</param>
    public async Task ForwardAsync(HttpContext context, string contract)
    {
        // Whoever handles it says how much it takes.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        var failure = await _forwarder.SendAsync(context, Process, _socket, Settings, new ToProcess(contract)).ConfigureAwait(false);
        var isProcess = failure != ForwarderError.None && context.Response.StatusCode >= StatusCodes.Status500InternalServerError;
        if (isProcess && !context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            await StatusAnswer.WriteAsync(context, new ApiStatus(
                StatusReason.ServiceUnavailable, $"plugin {_plugin.Name} ({_plugin.Id} {_plugin.Version}) does not answer: its process has ended or is being started")
            {
                RetryAfterSeconds = 1,
            }).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _services.Dispose();
    }

    private sealed class ToProcess(string contract) : HttpTransformer
    {
        public override async ValueTask TransformRequestAsync(
            HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken).ConfigureAwait(false);
            ForwardedRequest.Write(httpContext, contract, proxyRequest.Headers);
        }

        public override ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
        {
            if (proxyResponse?.Headers.CacheControl is not null)
            {
                // The handler's own takes the place of the server's.
                httpContext.Response.Headers.CacheControl = default;
            }

            return base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        }
    }
}
