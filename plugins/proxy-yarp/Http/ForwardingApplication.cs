using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Modular.Plugins.ProxyYarp.Routing;
using Yarp.ReverseProxy.Forwarder;

namespace Modular.Plugins.ProxyYarp.Http;

/// <summary>Chooses an endpoint for each request and has it forwarded; another one if the first cannot be reached.</summary>
internal sealed class ForwardingApplication(IHttpForwarder forwarder, UpstreamClient upstream, AddressUse use, ProxyMetrics metrics) : IHttpApplication<HttpContext>
{
    // How long a service may be silent is its own matter.
    private static readonly ForwarderRequestConfig Http1 = new()
    {
        ActivityTimeout = Timeout.InfiniteTimeSpan,
        Version = HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    private static readonly ForwarderRequestConfig Http2 = Http1 with { Version = HttpVersion.Version20 };

    private readonly RawTargetTransformer _transformer = new();
    private volatile bool _succeeded;

    /// <summary>From now on requests go to the address the client called, where a successor answers.</summary>
    public void Succeed() => _succeeded = true;

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }

    public async Task ProcessRequestAsync(HttpContext context)
    {
        var frontend = context.Features.Get<HttpFrontend>()!;
        if (_succeeded)
        {
            metrics.Request(await TryAsync(context, frontend, frontend.Address).ConfigureAwait(false) == Attempt.Done ? "forwarded" : "failed");
            return;
        }

        var choice = frontend.Route.Choose(context.Connection.RemoteIpAddress ?? IPAddress.None);
        var attempt = Attempt.NotReached;
        while (attempt == Attempt.NotReached && choice.Next() is { } backend)
        {
            use.Enter(backend.EndPoint.Address);
            try
            {
                attempt = await TryAsync(context, frontend, backend).ConfigureAwait(false);
            }
            finally
            {
                use.Leave(backend.EndPoint.Address);
            }

            if (attempt == Attempt.NotReached)
            {
                metrics.ConnectFailed();
            }
        }

        if (attempt == Attempt.NotReached && !context.Response.HasStarted)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.Connection = "close";
        }

        metrics.Request(attempt switch { Attempt.Done => "forwarded", Attempt.NotReached => "unreachable", _ => "failed" });
    }

    private async ValueTask<Attempt> TryAsync(HttpContext context, HttpFrontend frontend, Backend backend)
    {
        // What an attempt before this one left would pass for an answer.
        context.Response.StatusCode = StatusCodes.Status200OK;
        var config = frontend.Protocol == RouteProtocol.Http2 ? Http2 : Http1;
        var error = await forwarder.SendAsync(context, backend.HttpPrefix, upstream, config, _transformer).ConfigureAwait(false);
        if (error == ForwarderError.None)
        {
            return Attempt.Done;
        }

        return !context.Response.HasStarted
            && context.Features.Get<IForwarderErrorFeature>()?.Exception is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError }
            ? Attempt.NotReached
            : Attempt.Failed;
    }

    private enum Attempt
    {
        Done,
        /// <summary>There was no connection: nothing was sent.</summary>
        NotReached,
        Failed,
    }
}
