using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;

namespace Modular.Toolkit;

/// <summary>
/// The API over HTTP, for plugins in another process than the API server's. Where the server is away for a moment calls wait for it, up to
/// five seconds; then they fail with <see cref="StatusReason.ServiceUnavailable"/>. A write whose connection broke fails at once with that
/// reason: it may have been carried out.
/// </summary>
/// <param name="http">Its base address is the server's; who one is, and whom one trusts, is its handler's. Disposed of by the caller.</param>
/// <param name="time">The clock of pauses.</param>
public sealed class RemoteApiClient(HttpClient http, TimeProvider time) : IApiClient
{
    private const string Json = "application/json";

    private readonly RemoteCalls _calls = new(http, time);

    /// <summary>Who owns the fields that are written, as others see it.</summary>
    public string FieldManager { get; init; } = "modular";

    private string WriteOptions => $"fieldManager={Uri.EscapeDataString(FieldManager)}&fieldValidation=Ignore";

    /// <inheritdoc />
    public async ValueTask<ApiObject> GetAsync(ResourceName name, CancellationToken cancellationToken) =>
        RemoteObjects.Read(await _calls.GetAsync(RemotePaths.Of(name), cancellationToken).ConfigureAwait(false));

    /// <inheritdoc />
    public ValueTask<ApiObjectList> ListAsync(ResourceScope scope, CancellationToken cancellationToken) => RemoteList.ReadAsync(_calls, scope, cancellationToken);

    /// <inheritdoc />
    public async ValueTask<ApiObject> CreateAsync(GroupVersionResource resource, string ns, JsonObject obj, CancellationToken cancellationToken) =>
        RemoteObjects.Read(await _calls.SendAsync(HttpMethod.Post, $"{RemotePaths.Of(resource, ns)}?{WriteOptions}", obj, Json, cancellationToken).ConfigureAwait(false));

    /// <inheritdoc />
    public async ValueTask<ApiObject?> CreateAsync(ResourceName name, string subresource, JsonObject body, CancellationToken cancellationToken)
    {
        var answer = await _calls.SendAsync(HttpMethod.Post, $"{RemotePaths.Of(name, subresource)}?{WriteOptions}", body, Json, cancellationToken).ConfigureAwait(false);
        return IsStatus(answer) ? null : RemoteObjects.Read(answer);
    }

    /// <inheritdoc />
    public async ValueTask<ApiObject> UpdateAsync(ResourceName name, JsonObject obj, string subresource, CancellationToken cancellationToken) =>
        RemoteObjects.Read(await _calls.SendAsync(HttpMethod.Put, $"{RemotePaths.Of(name, subresource)}?{WriteOptions}", obj, Json, cancellationToken).ConfigureAwait(false));

    /// <inheritdoc />
    public async ValueTask<ApiObject> PatchAsync(
        ResourceName name, PatchType type, JsonNode patch, string subresource, CancellationToken cancellationToken)
    {
        var contentType = type switch
        {
            PatchType.Json => "application/json-patch+json",
            PatchType.Merge => "application/merge-patch+json",
            PatchType.Apply => "application/apply-patch+yaml",
            _ => "application/strategic-merge-patch+json",
        };
        var options = type == PatchType.Apply ? WriteOptions + "&force=true" : WriteOptions;
        return RemoteObjects.Read(
            await _calls.SendAsync(HttpMethod.Patch, $"{RemotePaths.Of(name, subresource)}?{options}", patch, contentType, cancellationToken).ConfigureAwait(false));
    }

    /// <inheritdoc />
    public async ValueTask<ApiObject?> DeleteAsync(ResourceName name, DeleteOptions options, CancellationToken cancellationToken)
    {
        var answer = await _calls.SendAsync(HttpMethod.Delete, RemotePaths.Of(name), Body(options), Json, cancellationToken).ConfigureAwait(false);
        // Gone is told by a Status, or by the object itself without a time at which it is to go.
        return IsStatus(answer) || answer.GetString("metadata.deletionTimestamp") is null ? null : RemoteObjects.Read(answer);
    }

    /// <inheritdoc />
    public async ValueTask<IInformer> OpenInformerAsync(ResourceScope scope, CancellationToken cancellationToken) =>
        await RemoteInformer.OpenAsync(_calls, scope, time, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<ApiResource>> GetResourcesAsync(CancellationToken cancellationToken)
    {
        var found = new List<ApiResource>();
        var seen = new HashSet<(string Group, string Resource)>();
        await AddAsync("/api/v1", "v1").ConfigureAwait(false);
        var groups = await _calls.GetAsync("/apis", cancellationToken).ConfigureAwait(false);
        foreach (var version in (groups.GetArray("groups") ?? []).OfType<JsonObject>().SelectMany(group => (group.GetArray("versions") ?? []).OfType<JsonObject>()))
        {
            var apiVersion = version.GetString("groupVersion")!;
            await AddAsync($"/apis/{apiVersion}", apiVersion).ConfigureAwait(false);
        }

        return found;

        async Task AddAsync(string path, string apiVersion)
        {
            var answer = await _calls.GetAsync(path, cancellationToken).ConfigureAwait(false);
            foreach (var entry in (answer.GetArray("resources") ?? []).OfType<JsonObject>())
            {
                // A group tells the version it prefers first.
                if (entry.GetString("name") is { } name && !name.Contains('/', StringComparison.Ordinal)
                    && GroupVersionKind.From(apiVersion, entry.GetString("kind") ?? "") is var kind && seen.Add((kind.Group, name)))
                {
                    var verbs = (entry.GetArray("verbs") ?? []).Select(verb => verb.AsString()!).ToList();
                    found.Add(new ApiResource(new GroupVersionResource(kind.Group, kind.Version, name), kind, entry.GetBoolean("namespaced") ?? false, verbs));
                }
            }
        }
    }

    private static bool IsStatus(JsonObject answer) => answer.GetString("kind") == "Status" && answer.GetString("apiVersion") == "v1";

    private static JsonObject Body(DeleteOptions options)
    {
        var body = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "DeleteOptions" };
        if (options.GracePeriodSeconds is { } grace)
        {
            body["gracePeriodSeconds"] = grace;
        }

        if (options.PropagationPolicy.Length > 0)
        {
            body["propagationPolicy"] = options.PropagationPolicy;
        }

        var preconditions = new JsonObject();
        if (options.Uid.Length > 0)
        {
            preconditions["uid"] = options.Uid;
        }

        if (options.ResourceVersion.Length > 0)
        {
            preconditions["resourceVersion"] = options.ResourceVersion;
        }

        if (preconditions.Count > 0)
        {
            body["preconditions"] = preconditions;
        }

        return body;
    }
}
