namespace Modular.ApiServer;

/// <summary>Reads the paths of the Kubernetes API. A trailing slash changes nothing.</summary>
internal static class RouteParser
{
    // Group, version, watch, namespace, name and subresource; what follows is the path of a server that an object stands for.
    private const int MostSegments = 9;

    /// <summary>Understands a path that begins with /api or /apis; the target is None if nothing of that name is served.</summary>
    public static ApiRoute Parse(ReadOnlySpan<char> path, RoutingTable table)
    {
        path = path.Trim('/');
        Span<Range> segments = stackalloc Range[MostSegments + 1];
        var count = path.Split(segments, '/');
        if (count == 0)
        {
            return default;
        }

        var core = path[segments[0]] is "api";
        if (count == 1)
        {
            return new ApiRoute { Target = core ? ApiRouteTarget.CoreVersions : ApiRouteTarget.Groups };
        }

        if (!core && count == 2)
        {
            var group = path[segments[1]].ToString();
            return table.HasGroup(group) ? new ApiRoute { Target = ApiRouteTarget.Group, Group = group } : default;
        }

        var first = core ? 2 : 3;
        var apiVersion = path[segments[1].Start..segments[first - 1].End];
        if (!table.TryGetGroupVersion(apiVersion, out var routes))
        {
            return default;
        }

        return count == first
            ? new ApiRoute { Target = ApiRouteTarget.GroupVersion, Group = routes.Group, Version = routes.Version }
            : ParseResource(path, segments[first..count], routes, first);
    }

    private static ApiRoute ParseResource(ReadOnlySpan<char> path, ReadOnlySpan<Range> segments, GroupVersionRoutes routes, int before)
    {
        var watch = path[segments[0]] is "watch" && segments.Length > 1;
        if (watch)
        {
            segments = segments[1..];
        }

        var ns = "";
        if (segments.Length > 2 && path[segments[0]] is "namespaces" && !IsNamespaceSubresource(path, segments, routes))
        {
            ns = path[segments[1]].ToString();
            segments = segments[2..];
            before += 2;
            if (ns.Length == 0)
            {
                return default;
            }
        }

        if (!routes.TryGet(path[segments[0]], out var definition) || (ns.Length > 0 && !definition.Namespaced))
        {
            return default;
        }

        var name = segments.Length > 1 ? path[segments[1]].ToString() : "";
        if (segments.Length > 1 && (name.Length == 0 || (definition.Namespaced && ns.Length == 0)))
        {
            return default;
        }

        Subresource? subresource = null;
        if (segments.Length > 2)
        {
            subresource = Find(definition, path[segments[2]]);
            if (subresource is null || (subresource.Type == SubresourceType.Proxy ? watch : segments.Length > 3))
            {
                return default;
            }
        }

        return new ApiRoute
        {
            Target = ApiRouteTarget.Resource,
            Definition = definition,
            Namespace = ns,
            Name = name,
            Subresource = subresource,
            Segments = before + 3,
            Watch = watch,
        };
    }

    // namespaces/x/status is a part of the namespace; namespaces/x/pods is what is in it.
    private static bool IsNamespaceSubresource(ReadOnlySpan<char> path, ReadOnlySpan<Range> segments, GroupVersionRoutes routes) =>
        segments.Length == 3 && routes.TryGet("namespaces", out var namespaces) && Find(namespaces, path[segments[2]]) is not null;

    private static Subresource? Find(ResourceDefinition definition, ReadOnlySpan<char> name)
    {
        foreach (var subresource in definition.Subresources)
        {
            if (name.SequenceEqual(subresource.Name))
            {
                return subresource;
            }
        }

        return null;
    }
}
