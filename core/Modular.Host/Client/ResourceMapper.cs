using System.Text.Json.Nodes;

namespace Modular.Host.Client;

/// <summary>A resource as discovery describes it.</summary>
internal sealed record DiscoveredResource(string GroupVersion, string Plural, string Singular, string Kind, bool Namespaced)
{
    public IReadOnlyList<string> ShortNames { get; init; } = [];

    public IReadOnlyList<string> Categories { get; init; } = [];

    public string Group => GroupVersion.Contains('/', StringComparison.Ordinal) ? GroupVersion[..GroupVersion.IndexOf('/', StringComparison.Ordinal)] : "";

    /// <summary>How messages name it: <c>pod</c>, <c>lease.coordination.k8s.io</c>.</summary>
    public string DisplayName => Group.Length == 0 ? Singular : $"{Singular}.{Group}";

    /// <summary>The URL of its collection; an empty namespace is all of them.</summary>
    public string Path(string ns) =>
        (Group.Length == 0 ? $"/api/{GroupVersion}" : $"/apis/{GroupVersion}")
        + (Namespaced && ns.Length > 0 ? $"/namespaces/{Uri.EscapeDataString(ns)}" : "")
        + $"/{Plural}";

    /// <summary>The URL of one object.</summary>
    public string Path(string ns, string name) => $"{Path(ns)}/{Uri.EscapeDataString(name)}";
}

/// <summary>Finds the resource that a user means by a plural, a singular, a short name or a kind.</summary>
internal sealed class ResourceMapper
{
    private readonly IReadOnlyList<DiscoveredResource> _resources;

    private ResourceMapper(IReadOnlyList<DiscoveredResource> resources) => _resources = resources;

    public static async Task<ResourceMapper> LoadAsync(ApiConnection api, CancellationToken cancellationToken)
    {
        var versions = new List<string> { "v1" };
        var groups = await api.GetAsync("/apis", cancellationToken);
        foreach (var group in groups["groups"]!.AsArray())
        {
            versions.Add(group!["preferredVersion"]!["groupVersion"]!.GetValue<string>());
        }

        var resources = new List<DiscoveredResource>();
        foreach (var version in versions)
        {
            var list = await ListAsync(api, version, cancellationToken);
            resources.AddRange(list["resources"]!.AsArray()
                .Where(r => !r!["name"]!.GetValue<string>().Contains('/', StringComparison.Ordinal))
                .Select(r => Read(version, r!.AsObject())));
        }

        return new ResourceMapper(resources);
    }

    // Without the plugin that brings the kinds of the core group there is none, and plugins can be asked for still.
    private static async Task<JsonObject> ListAsync(ApiConnection api, string version, CancellationToken cancellationToken)
    {
        try
        {
            return await api.GetAsync(version == "v1" ? "/api/v1" : $"/apis/{version}", cancellationToken);
        }
        catch (ApiFailure missing) when (missing.Reason == "NotFound")
        {
            return new JsonObject { ["resources"] = new JsonArray() };
        }
    }

    /// <summary>The resources a word stands for: one, or those of a category such as <c>all</c>.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    public IReadOnlyList<DiscoveredResource> FindAll(string word)
    {
        var category = _resources.Where(r => r.Categories.Contains(word, StringComparer.Ordinal)).ToList();
        return category.Count > 0 ? category : [Find(word)];
    }

    public DiscoveredResource Find(string word)
    {
        var name = word.ToLowerInvariant();
        return _resources.FirstOrDefault(r => Matches(r, name))
            ?? throw new CommandException($"the server has no resource type \"{word}\"; known are: {string.Join(", ", _resources.Select(r => r.Plural).Order(StringComparer.Ordinal))}");
    }

    /// <summary>The resource that serves objects of a kind.</summary>
    public DiscoveredResource FindKind(string apiVersion, string kind) =>
        _resources.FirstOrDefault(r => r.GroupVersion == apiVersion && r.Kind == kind)
        ?? throw new CommandException($"the server does not know kind \"{kind}\" in version \"{apiVersion}\"; check apiVersion and kind");

    private static bool Matches(DiscoveredResource r, string name) =>
        r.Plural == name || r.Singular == name || r.ShortNames.Contains(name, StringComparer.Ordinal) || $"{r.Plural}.{r.Group}" == name
        || r.DisplayName == name;

    private static DiscoveredResource Read(string version, JsonObject resource)
    {
        var kind = resource["kind"]!.GetValue<string>();
        var singular = resource["singularName"]?.GetValue<string>() ?? "";
        return new DiscoveredResource(
            version, resource["name"]!.GetValue<string>(), singular.Length == 0 ? kind.ToLowerInvariant() : singular, kind,
            resource["namespaced"]!.GetValue<bool>())
        {
            ShortNames = Strings(resource["shortNames"]),
            Categories = Strings(resource["categories"]),
        };
    }

    private static List<string> Strings(JsonNode? node) =>
        node is JsonArray array ? [.. array.Select(value => value!.GetValue<string>())] : [];
}
