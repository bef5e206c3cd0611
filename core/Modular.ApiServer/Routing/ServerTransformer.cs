using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Forwarder;

namespace Modular.ApiServer;

/// <summary>
/// What a server behind the API gets to see: its own path, who asked from where, and nothing that would let it act for the client. Links of its
/// redirects lead back through the API.
/// </summary>
internal sealed class ServerTransformer(string address, ServerPath path) : HttpTransformer
{
    private static readonly UriCreationOptions AsIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken).ConfigureAwait(false);
        var request = httpContext.Request;
        proxyRequest.RequestUri = new Uri($"{address}{(path.Rest.Length > 0 ? path.Rest : "/")}{request.QueryString.Value}", AsIs);
        foreach (var (name, _) in request.Headers)
        {
            if (IsCredential(name))
            {
                proxyRequest.Headers.Remove(name);
            }
        }

        foreach (var name in OfConnection(request.Headers))
        {
            proxyRequest.Headers.Remove(name);
        }

        var headers = proxyRequest.Headers;
        headers.TryAddWithoutValidation("X-Forwarded-For", httpContext.Connection.RemoteIpAddress?.ToString());
        Set("X-Forwarded-Host", request.Host.Value);
        Set("X-Forwarded-Proto", request.Scheme);
        Set("X-Forwarded-Uri", path.Prefix + path.Rest);

        void Set(string name, string? value)
        {
            headers.Remove(name);
            headers.TryAddWithoutValidation(name, value);
        }
    }

    public override async ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        var headers = httpContext.Response.Headers;
        if (proxyResponse?.Headers.CacheControl is not null)
        {
            // The server's own takes the place of the API's.
            headers.CacheControl = default;
        }

        var copied = await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken).ConfigureAwait(false);
        foreach (var name in proxyResponse is null ? [] : proxyResponse.Headers.Connection.Where(IsNoUpgrade))
        {
            headers.Remove(name);
        }

        if (headers.Location.ToString() is { Length: > 0 } location)
        {
            headers.Location = Back(location);
        }

        return copied;
    }

    /// <summary>Headers that are for the next hop only, as it is told. The forwarder itself knows those that always are, and upgrades.</summary>
    private static IEnumerable<string> OfConnection(IHeaderDictionary headers) => headers.GetCommaSeparatedValues(HeaderNames.Connection).Where(IsNoUpgrade);

    private static bool IsNoUpgrade(string name) => !name.Equals(HeaderNames.Upgrade, StringComparison.OrdinalIgnoreCase);

    private static bool IsCredential(string name) =>
        name.Equals(HeaderNames.Authorization, StringComparison.OrdinalIgnoreCase) || name.StartsWith("Impersonate-", StringComparison.OrdinalIgnoreCase);

    private string Back(string location)
    {
        var own = location.StartsWith(address, StringComparison.OrdinalIgnoreCase) && location.Length > address.Length && location[address.Length] == '/'
            ? location[address.Length..]
            : location;
        return own.StartsWith('/') && !own.StartsWith("//", StringComparison.Ordinal) ? path.Prefix + own : location;
    }
}
