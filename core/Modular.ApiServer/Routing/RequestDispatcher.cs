using System.Diagnostics;

namespace Modular.ApiServer;

/// <summary>The one delegate behind the listeners: finds out who asks for what, has it answered, and turns failures into Statuses.</summary>
internal sealed class RequestDispatcher : IDisposable
{
    private readonly ApiServerParts _parts;
    private readonly ResourceEndpoint _resources;
    private readonly DiscoveryEndpoint _discovery;
    private readonly OpenApiEndpoint _openApi;
    private readonly OpenApiV2Endpoint _openApiV2;
    private readonly HealthEndpoint _health;
    private readonly VersionEndpoint _version;
    private readonly PluginEndpoints _plugins;
    private readonly FailureResponse _failures;
    private readonly Impersonation _impersonation;
    private readonly RequestMetrics _metrics = new();
    private RoutingTable _table = new(-1, []);

    public RequestDispatcher(ApiServerOptions options, ApiServerParts parts, CancellationToken stopping)
    {
        _parts = parts;
        var log = parts.Log.CreateLogger("Modular.ApiServer");
        _resources = new ResourceEndpoint(parts, new WatchResponse(parts.Time, options.WatchDuration, stopping), _metrics);
        _impersonation = new Impersonation(parts.Pipeline);
        _discovery = new DiscoveryEndpoint(parts.Resources);
        _openApi = new OpenApiEndpoint(parts.Resources, options.Version);
        _openApiV2 = new OpenApiV2Endpoint(parts.Resources, options.Version);
        _health = new HealthEndpoint(parts.HealthChecks);
        _version = new VersionEndpoint(options.Version);
        _plugins = new PluginEndpoints(parts.HttpEndpoints);
        _failures = new FailureResponse(log, options.BodyLimit);
    }

    public void Dispose() => _resources.Dispose();

    public async Task HandleAsync(HttpContext context)
    {
        var started = Stopwatch.GetTimestamp();
        var call = default(ApiCall);
        try
        {
            context.Response.Headers.CacheControl = "no-cache, private";
            if (HttpMethods.IsHead(context.Request.Method))
            {
                // What is written before the response starts would be sent: HTTP/2 clients take that for a broken stream.
                context.Response.Body = Stream.Null;
            }

            var path = context.Request.Path.Value ?? "/";
            if (IsApiPath(path) && !_parts.Serves())
            {
                throw new ApiException(new ApiStatus(StatusReason.ServiceUnavailable, "the API is being started; try again") { RetryAfterSeconds = 1 });
            }

            var sender = await RequestSender.AuthenticateAsync(context, _parts.Authenticate).ConfigureAwait(false);
            var user = await _impersonation.ResolveAsync(context, sender).ConfigureAwait(false);
            if (IsApiPath(path))
            {
                var route = RouteParser.Parse(path, CurrentTable());
                if (route.Target == ApiRouteTarget.Resource)
                {
                    call = ApiCall.Read(context.Request, route, user);
                    await _resources.HandleAsync(context, call).ConfigureAwait(false);
                    return;
                }

                await HandleDiscoveryAsync(context, user, path, route).ConfigureAwait(false);
                return;
            }

            await HandlePathAsync(context, user, path).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            await _failures.WriteAsync(context, e).ConfigureAwait(false);
        }
        finally
        {
            _metrics.Completed(call, context.Response.StatusCode, Stopwatch.GetElapsedTime(started));
        }
    }

    private static bool IsApiPath(string path) =>
        path.StartsWith("/api", StringComparison.Ordinal)
        && (path.Length == 4 || path[4] == '/' || (path[4] == 's' && (path.Length == 5 || path[5] == '/')));

    private RoutingTable CurrentTable()
    {
        var table = Volatile.Read(ref _table);
        var generation = _parts.Resources.Generation;
        if (table.Generation != generation)
        {
            // Read the generation first: a change in between makes the next request build the table again.
            table = new RoutingTable(generation, _parts.Resources.All);
            Volatile.Write(ref _table, table);
        }

        return table;
    }

    private async Task HandleDiscoveryAsync(HttpContext context, UserInfo user, string path, ApiRoute route)
    {
        await AuthorizePathAsync(context, user, path).ConfigureAwait(false);
        if (route.Target == ApiRouteTarget.None)
        {
            throw Failures.NoSuchPath();
        }

        RequireRead(context.Request);
        await _discovery.HandleAsync(context, route).ConfigureAwait(false);
    }

    private async Task HandlePathAsync(HttpContext context, UserInfo user, string path)
    {
        await AuthorizePathAsync(context, user, path).ConfigureAwait(false);
        var trimmed = path.Length > 1 && path.EndsWith('/') ? path[..^1] : path;
        switch (trimmed)
        {
            case "/version":
                RequireRead(context.Request);
                await _version.HandleAsync(context).ConfigureAwait(false);
                return;
            case "/metrics":
                RequireRead(context.Request);
                await _metrics.HandleAsync(context).ConfigureAwait(false);
                return;
            case OpenApiV2Endpoint.Path:
                RequireRead(context.Request);
                await _openApiV2.HandleAsync(context).ConfigureAwait(false);
                return;
            case "/":
                RequireRead(context.Request);
                await _discovery.WritePathsAsync(context).ConfigureAwait(false);
                return;
        }

        if (OpenApiEndpoint.Serves(trimmed))
        {
            RequireRead(context.Request);
            await _openApi.HandleAsync(context, trimmed).ConfigureAwait(false);
        }
        else if (HealthEndpoint.Serves(trimmed))
        {
            RequireRead(context.Request);
            await _health.HandleAsync(context, trimmed).ConfigureAwait(false);
        }
        else if (!await _plugins.TryHandleAsync(context, user, path).ConfigureAwait(false))
        {
            throw Failures.NoSuchPath();
        }
    }

    private ValueTask AuthorizePathAsync(HttpContext context, UserInfo user, string path) =>
        _parts.Pipeline.AuthorizeAsync(
            new AuthorizationRequest { User = user, Verb = context.Request.Method.ToLowerInvariant(), Path = path }, context.RequestAborted);

    private static void RequireRead(HttpRequest request)
    {
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            throw Failures.NoSuchMethod();
        }
    }
}
