using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Modular.ApiServer;

/// <summary>The path of a request to a server that an object stands for, escaped as the client sent it.</summary>
/// <param name="Prefix">Up to the object's subresource.</param>
/// <param name="Rest">The server's own path; empty if not even its slash is there.</param>
internal readonly record struct ServerPath(string Prefix, string Rest)
{
    /// <param name="context">The request.</param>
    /// <param name="segments">How many segments the prefix has.</param>
    public static ServerPath Of(HttpContext context, int segments)
    {
        var path = Escaped(context);
        var end = 0;
        while (end + 1 < path.Length && path[end + 1] == '/')
        {
            end++;
        }

        for (; segments > 0 && end < path.Length; segments--)
        {
            var next = path.IndexOf('/', end + 1);
            end = next < 0 ? path.Length : next;
        }

        return new ServerPath(path[..end], path[end..]);
    }

    /// <summary>Sends a reader to the server's root, below which its own links lead; false for other requests.</summary>
    public bool TryRedirect(HttpContext context)
    {
        var request = context.Request;
        if ((!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method)) || request.Headers.ContainsKey(HeaderNames.Upgrade))
        {
            return false;
        }

        context.Response.StatusCode = StatusCodes.Status301MovedPermanently;
        context.Response.Headers.Location = $"{Prefix}/{request.QueryString.Value}";
        return true;
    }

    /// <summary>What was sent, unless it has to be read first: a path with dots in it is routed by where they lead.</summary>
    private static string Escaped(HttpContext context)
    {
        var sent = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        var query = sent.IndexOf('?', StringComparison.Ordinal);
        var path = query < 0 ? sent : sent[..query];
        return path.StartsWith('/') && !path.Contains("/.", StringComparison.Ordinal) && !path.Contains("%2e", StringComparison.OrdinalIgnoreCase)
            ? path
            : context.Request.Path.ToUriComponent();
    }
}
