using System.Net;
using System.Text.Json.Nodes;

namespace Modular.EndToEnd;

/// <summary>Tries each verb that discovery lists of a subresource, without changing anything.</summary>
internal sealed class SubresourceProbe(JsonRequests requests, string path, string resource, ServedSubresource subresource)
{
    private readonly string _path = $"{path}/{subresource.Name}";

    // They lead to a node, an address or a log, which a cluster without nodes lacks: that the server knows them is all that shows here.
    private bool IsStream => subresource.Name == "log" || subresource.Kind.EndsWith("Options", StringComparison.Ordinal);

    /// <summary>Tries the verbs.</summary>
    /// <returns>Those that work.</returns>
    /// <exception cref="InvalidOperationException">One does not.</exception>
    public async Task<IReadOnlyList<string>> RunAsync()
    {
        foreach (var verb in subresource.Verbs)
        {
            var (code, text) = await (IsStream ? requests.TryAsync(Method(verb), _path) : TryAsync(verb));
            var works = IsStream ? code is not (HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed) : (int)code is >= 200 and < 300;
            if (!works)
            {
                throw new InvalidOperationException($"discovery lists {verb} of {_path}, which answers {(int)code}: {text}");
            }
        }

        return subresource.Verbs;
    }

    private async Task<(HttpStatusCode Code, string Text)> TryAsync(string verb) => verb switch
    {
        "create" => await requests.TryAsync(HttpMethod.Post, $"{_path}?dryRun=All", Sample()),
        "update" => await requests.TryAsync(HttpMethod.Put, $"{_path}?dryRun=All", await requests.GetAsync(subresource.Verbs.Contains("get") ? _path : path)),
        "patch" => await requests.TryAsync(HttpMethod.Patch, $"{_path}?dryRun=All", new JsonObject(), "application/merge-patch+json"),
        _ => await requests.TryAsync(Method(verb), _path),
    };

    private JsonObject Sample()
    {
        var sample = JsonNode.Parse(KindSamples.Requests.GetValueOrDefault($"{resource}/{subresource.Name}") ?? "{}")!.AsObject();
        sample["apiVersion"] = subresource.ApiVersion;
        sample["kind"] = subresource.Kind;
        sample["metadata"] = new JsonObject { ["name"] = path[(path.LastIndexOf('/') + 1)..] };
        return sample;
    }

    private static HttpMethod Method(string verb) => verb switch
    {
        "create" => HttpMethod.Post,
        "delete" => HttpMethod.Delete,
        "get" => HttpMethod.Get,
        "patch" => HttpMethod.Patch,
        "update" => HttpMethod.Put,
        _ => throw new InvalidOperationException($"there is no method for {verb}"),
    };
}
