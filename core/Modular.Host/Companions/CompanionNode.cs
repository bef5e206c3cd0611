using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Modular.Abstractions.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Modular.Host.Companions;

/// <summary>The node that a companion runs, as the API server asks it: requests go on to the companion's socket, streams and upgrades too.</summary>
internal sealed class CompanionNode : INodeEndpoint, IDisposable
{
    private const string Companion = "http://companion";

    private readonly HttpMessageInvoker _socket;
    private readonly ServiceProvider _services;
    private readonly IHttpForwarder _forwarder;

    /// <param name="nodeName">The node.</param>
    /// <param name="socketPath">The companion's Unix socket.</param>
    /// <param name="log">Where to log.</param>
    public CompanionNode(string nodeName, string socketPath, ILoggerFactory log)
    {
        NodeName = nodeName;
        _socket = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseCookies = false,
            AllowAutoRedirect = false,
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        });
        _services = new ServiceCollection().AddSingleton(log).AddLogging().AddHttpForwarder().BuildServiceProvider();
        _forwarder = _services.GetRequiredService<IHttpForwarder>();
    }

    public string NodeName { get; }

    // A log that is followed and a command that waits for input are silent as long as they like.
    private static ForwarderRequestConfig Request => new() { ActivityTimeout = Timeout.InfiniteTimeSpan, AllowResponseBuffering = false };

    public async Task HandleAsync(HttpContext context)
    {
        var failure = await _forwarder.SendAsync(context, Companion, _socket, Request, new WithoutCredentials());
        if (failure == ForwarderError.Request && !context.Response.HasStarted)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _services.Dispose();
    }

    /// <summary>What proved to the API server who asks is for nobody else.</summary>
    private sealed class WithoutCredentials : HttpTransformer
    {
        public override async ValueTask TransformRequestAsync(
            HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
            proxyRequest.Headers.Authorization = null;
        }
    }
}
