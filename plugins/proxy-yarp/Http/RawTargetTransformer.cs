using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace Modular.Plugins.ProxyYarp.Http;

/// <summary>Leaves requests as they are: the path is not decoded and encoded again, and the host stays.</summary>
internal sealed class RawTargetTransformer : HttpTransformer
{
    private static readonly UriCreationOptions AsIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken).ConfigureAwait(false);
        if (httpContext.Features.Get<IHttpRequestFeature>()?.RawTarget is ['/', ..] target)
        {
            proxyRequest.RequestUri = new Uri(string.Concat(destinationPrefix.AsSpan(0, destinationPrefix.Length - 1), target), AsIs);
        }
    }
}
