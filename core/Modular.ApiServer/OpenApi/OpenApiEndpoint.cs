using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Modular.ApiServer;

/// <summary>Serves <c>/openapi/v3</c> and the document of each group version; built when first asked for, kept until the kinds change.</summary>
internal sealed class OpenApiEndpoint(IResourceRegistry registry, ServerVersion version)
{
    private const string Root = "/openapi/v3";

    private Snapshot _snapshot = new(-1, [], version);

    public static bool Serves(string path) =>
        path.StartsWith(Root, StringComparison.Ordinal) && (path.Length == Root.Length || path[Root.Length] == '/');

    /// <summary>Answers for the index or a document.</summary>
    public Task HandleAsync(HttpContext context, string path)
    {
        var snapshot = Current();
        if (path.Length == Root.Length)
        {
            return snapshot.Index.Value.WriteAsync(context);
        }

        var document = snapshot.Find(path[(Root.Length + 1)..]) ?? throw Failures.NoSuchPath();
        return document.WriteAsync(context);
    }

    private Snapshot Current()
    {
        var snapshot = Volatile.Read(ref _snapshot);
        var generation = registry.Generation;
        if (snapshot.Generation != generation)
        {
            snapshot = new Snapshot(generation, ApiGroups.Of(registry.All), version);
            Volatile.Write(ref _snapshot, snapshot);
        }

        return snapshot;
    }

    private sealed class Snapshot
    {
        private readonly IReadOnlyList<ApiGroup> _groups;
        private readonly ServerVersion _version;
        private readonly ConcurrentDictionary<string, CachedDocument> _documents = new(StringComparer.Ordinal);

        public Snapshot(long generation, IReadOnlyList<ApiGroup> groups, ServerVersion version)
        {
            Generation = generation;
            _groups = groups;
            _version = version;
            Index = new Lazy<CachedDocument>(BuildIndex);
        }

        public long Generation { get; }

        public Lazy<CachedDocument> Index { get; }

        /// <summary>The document of <c>api/v1</c> or <c>apis/apps/v1</c>.</summary>
        public CachedDocument? Find(string path)
        {
            if (_documents.TryGetValue(path, out var document))
            {
                return document;
            }

            foreach (var group in _groups)
            {
                foreach (var groupVersion in group.Versions)
                {
                    if (PathOf(groupVersion) == path)
                    {
                        return _documents.GetOrAdd(path, _ => new CachedDocument(
                            GroupVersionDocument.Build(groupVersion, _version), MediaType.Json));
                    }
                }
            }

            return null;
        }

        private static string PathOf(ApiGroupVersion version) => version.Group.Length == 0 ? $"api/{version.Version}" : $"apis/{version.ApiVersion}";

        private CachedDocument BuildIndex()
        {
            var paths = new JsonObject();
            foreach (var group in _groups)
            {
                foreach (var groupVersion in group.Versions)
                {
                    var path = PathOf(groupVersion);
                    paths[path] = new JsonObject { ["serverRelativeURL"] = $"{Root}/{path}?hash={Find(path)!.Hash}" };
                }
            }

            return new CachedDocument(new JsonObject { ["paths"] = paths }, MediaType.Json);
        }
    }
}
