using System.Text.Json.Nodes;

namespace Modular.ApiServer;

/// <summary>Serves <c>/openapi/v3</c> and the document of each group version; built when first asked for, kept until the kinds change.</summary>
internal sealed class OpenApiEndpoint(IResourceRegistry registry, ServerVersion version)
{
    private const string Root = "/openapi/v3";

    // The index names each document's hash, so that all are made together.
    private readonly MadeOfKinds<IReadOnlyDictionary<string, CachedDocument>> _documents = new(registry, async kinds =>
    {
        var descriptions = await Descriptions.ReadAsync(kinds, CancellationToken.None).ConfigureAwait(false);
        var documents = new Dictionary<string, CachedDocument>(StringComparer.Ordinal);
        var paths = new JsonObject();
        foreach (var groupVersion in ApiGroups.Of(kinds).SelectMany(group => group.Versions))
        {
            var path = groupVersion.Group.Length == 0 ? $"api/{groupVersion.Version}" : $"apis/{groupVersion.ApiVersion}";
            var document = new CachedDocument(GroupVersionDocument.Build(groupVersion, descriptions, version), MediaType.Json);
            documents[path] = document;
            paths[path] = new JsonObject { ["serverRelativeURL"] = $"{Root}/{path}?hash={document.Hash}" };
        }

        documents[""] = new CachedDocument(new JsonObject { ["paths"] = paths }, MediaType.Json);
        return documents;
    });

    public static bool Serves(string path) =>
        path.StartsWith(Root, StringComparison.Ordinal) && (path.Length == Root.Length || path[Root.Length] == '/');

    /// <summary>Answers for the index or a document.</summary>
    public async Task HandleAsync(HttpContext context, string path)
    {
        var documents = await _documents.GetAsync(context.RequestAborted).ConfigureAwait(false);
        var document = documents.GetValueOrDefault(path.Length == Root.Length ? "" : path[(Root.Length + 1)..]) ?? throw Failures.NoSuchPath();
        await document.WriteAsync(context).ConfigureAwait(false);
    }
}
