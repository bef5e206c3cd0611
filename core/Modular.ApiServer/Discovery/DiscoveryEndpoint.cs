using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Modular.ApiServer;

/// <summary>Serves discovery; each document is built when first asked for and kept until the kinds change.</summary>
internal sealed class DiscoveryEndpoint(IResourceRegistry registry)
{
    private Snapshot _snapshot = new(-1, []);

    /// <summary>Answers for /api, /apis, a group or a group version.</summary>
    public Task HandleAsync(HttpContext context, ApiRoute route)
    {
        var snapshot = Current();
        var aggregated = route.Target is ApiRouteTarget.CoreVersions or ApiRouteTarget.Groups
            ? AcceptHeader.NegotiateDiscovery(context.Request.Headers.Accept.ToString())
            : "";
        var document = route.Target switch
        {
            ApiRouteTarget.CoreVersions or ApiRouteTarget.Groups when aggregated.Length > 0 => snapshot.Aggregated(route.Target, aggregated),
            ApiRouteTarget.CoreVersions => snapshot.Plain("/api", groups => PlainDiscovery.Versions(groups.FirstOrDefault(IsCore))),
            ApiRouteTarget.Groups => snapshot.Plain("/apis", groups => PlainDiscovery.Groups(groups.Where(group => !IsCore(group)))),
            ApiRouteTarget.Group => snapshot.Plain($"/apis/{route.Group}", groups =>
                PlainDiscovery.Group(groups.First(group => group.Name == route.Group))),
            _ => snapshot.Plain($"/apis/{route.Group}/{route.Version}", groups =>
                PlainDiscovery.Resources(groups.First(group => group.Name == route.Group).Versions.First(version => version.Version == route.Version))),
        };
        return document.WriteAsync(context);
    }

    /// <summary>Answers for /: the paths there are.</summary>
    public Task WritePathsAsync(HttpContext context) =>
        Current().Plain("/", static groups => new JsonObject
        {
            ["paths"] = PlainDiscovery.Strings(
            [
                "/api",
                "/apis",
                .. groups.SelectMany(static group => group.Versions.Select(version =>
                    IsCore(group) ? $"/api/{version.Version}" : $"/apis/{version.ApiVersion}")),
                "/healthz", "/livez", "/metrics", "/openapi/v2", "/openapi/v3", "/readyz", "/version",
            ]),
        }).WriteAsync(context);

    private static bool IsCore(ApiGroup group) => group.Name.Length == 0;

    private Snapshot Current()
    {
        var snapshot = Volatile.Read(ref _snapshot);
        var generation = registry.Generation;
        if (snapshot.Generation != generation)
        {
            snapshot = new Snapshot(generation, ApiGroups.Of(registry.All));
            Volatile.Write(ref _snapshot, snapshot);
        }

        return snapshot;
    }

    private sealed class Snapshot(long generation, IReadOnlyList<ApiGroup> groups)
    {
        private readonly ConcurrentDictionary<string, CachedDocument> _documents = new(StringComparer.Ordinal);

        public long Generation { get; } = generation;

        public CachedDocument Plain(string key, Func<IReadOnlyList<ApiGroup>, JsonObject> build) =>
            _documents.GetOrAdd(key, _ => new CachedDocument(build(groups), MediaType.Json));

        public CachedDocument Aggregated(ApiRouteTarget target, string version) =>
            _documents.GetOrAdd($"{target} {version}", _ => new CachedDocument(
                AggregatedDiscovery.List(groups.Where(group => IsCore(group) == (target == ApiRouteTarget.CoreVersions)), version),
                AggregatedDiscovery.ContentType(version)));
    }
}
