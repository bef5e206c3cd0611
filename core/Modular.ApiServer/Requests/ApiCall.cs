namespace Modular.ApiServer;

/// <summary>A request for a resource: its route, verb and parameters.</summary>
internal readonly struct ApiCall
{
    public ApiRoute Route { get; private init; }

    /// <summary>The verb of authorization and metrics.</summary>
    public string Verb { get; private init; }

    public RequestParameters Parameters { get; private init; }

    /// <summary>What the pipeline is asked.</summary>
    public ApiRequest Request { get; private init; }

    /// <summary>The kind that is read and written.</summary>
    public GroupVersionKind Kind => Route.Subresource?.Kind ?? Route.Definition.Kind;

    /// <summary>That kind's schema; null for a subresource that takes any object.</summary>
    public Schema? Schema => Kind == Route.Definition.Kind ? Route.Definition.Schema : Route.Subresource!.Schema;

    /// <summary>Reads method and query.</summary>
    /// <exception cref="ApiException">MethodNotAllowed or BadRequest.</exception>
    public static ApiCall Read(HttpRequest http, ApiRoute route, UserInfo user)
    {
        var parameters = RequestParameters.Read(route.Subresource is { Type: SubresourceType.Proxy } ? QueryString.Empty : http.QueryString);
        var verb = VerbOf(http.Method, route, parameters);
        return new ApiCall
        {
            Route = route,
            Verb = verb,
            Parameters = parameters,
            Request = new ApiRequest
            {
                User = user,
                Verb = verb,
                Resource = route.Definition.Resource,
                Namespace = route.Namespace,
                Name = route.Name,
                Subresource = route.Subresource?.Name ?? "",
            },
        };
    }

    private static string VerbOf(string method, ApiRoute route, RequestParameters parameters)
    {
        var collection = route.Name.Length == 0;
        var isHead = HttpMethods.IsHead(method);
        if (isHead || HttpMethods.IsGet(method))
        {
            var watch = route.Subresource is null && (route.Watch || parameters.Watch);
            // Nothing would ever follow the head of a stream.
            return watch && isHead ? throw Failures.NoSuchMethod() : watch ? "watch" : collection ? "list" : "get";
        }

        if (HttpMethods.IsPost(method) && (collection || route.Subresource is not null))
        {
            return "create";
        }

        if (HttpMethods.IsPut(method) && !collection)
        {
            return "update";
        }

        if (HttpMethods.IsPatch(method) && !collection)
        {
            return "patch";
        }

        if (HttpMethods.IsOptions(method) && route.Subresource is { Type: SubresourceType.Proxy })
        {
            // Asks a server what it may be asked, and so reads.
            return "get";
        }

        return !HttpMethods.IsDelete(method) ? throw Failures.NoSuchMethod() : collection ? "deletecollection" : "delete";
    }
}
