using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Modular.EndToEnd;

/// <summary>
/// A cluster's API as its clients know it, asked from within the test: to look at objects and to wait for them, which a test does far more
/// often than it tries the commands, and a command is a process.
/// </summary>
internal sealed class ClusterApi(string kubeconfig, int port) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly HttpClient _http = ClusterHttp.Create(kubeconfig, port);

    /// <summary>The objects of some types, such as "pods,rc"; of those with these labels.</summary>
    public async Task<IReadOnlyList<JsonObject>> ListAsync(string types, string labels, CancellationToken cancellationToken)
    {
        var found = new List<JsonObject>();
        foreach (var type in types.Split(','))
        {
            var list = await ReadAsync(Collection(type, "default") + (labels.Length == 0 ? "" : $"?labelSelector={Uri.EscapeDataString(labels)}"), cancellationToken);
            found.AddRange(list["items"]!.AsArray().Select(item => item!.AsObject()));
        }

        return found;
    }

    /// <summary>An object, which is there.</summary>
    public Task<JsonObject> GetAsync(string type, string name, CancellationToken cancellationToken, string ns = "default") =>
        ReadAsync($"{Collection(type, ns)}/{name}", cancellationToken);

    /// <summary>Waits until an object that is there, such as "pod/web", is in a state: "condition=Ready", "jsonpath={.status.phase}=Failed" or "delete".</summary>
    public async Task WaitAsync(string what, string state, CancellationToken cancellationToken)
    {
        var parts = what.Split('/');
        var path = $"{Collection(parts[0], "default")}/{parts[1]}";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        JsonObject? last = null;
        try
        {
            while (true)
            {
                using var answer = await _http.GetAsync(new Uri(path, UriKind.Relative), limit.Token);
                if (state == "delete" && answer.StatusCode == HttpStatusCode.NotFound)
                {
                    return;
                }

                last = await BodyAsync(answer, limit.Token);
                if (state != "delete" && IsReached(last, state))
                {
                    return;
                }

                await Task.Delay(Pause, limit.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{what} did not come to {state}: {last?.ToJsonString()}");
        }
    }

    public async Task CreateAsync(string type, JsonObject obj, CancellationToken cancellationToken)
    {
        using var answer = await _http.PostAsync(new Uri(Collection(type, "default"), UriKind.Relative), Content(obj, "application/json"), cancellationToken);
        await BodyAsync(answer, cancellationToken);
    }

    /// <summary>Changes an object by a merge patch.</summary>
    public async Task PatchAsync(string type, string name, JsonObject patch, CancellationToken cancellationToken)
    {
        var path = new Uri($"{Collection(type, "default")}/{name}", UriKind.Relative);
        using var answer = await _http.PatchAsync(path, Content(patch, "application/merge-patch+json"), cancellationToken);
        await BodyAsync(answer, cancellationToken);
    }

    /// <summary>Deletes an object and waits until it is gone.</summary>
    public async Task DeleteAsync(string type, string name, CancellationToken cancellationToken)
    {
        using (var answer = await _http.DeleteAsync(new Uri($"{Collection(type, "default")}/{name}", UriKind.Relative), cancellationToken))
        {
            await BodyAsync(answer, cancellationToken);
        }

        await WaitAsync($"{type}/{name}", "delete", cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonObject> ReadAsync(string path, CancellationToken cancellationToken)
    {
        using var answer = await _http.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
        return await BodyAsync(answer, cancellationToken);
    }

    private static StringContent Content(JsonObject obj, string type)
    {
        var content = new StringContent(obj.ToJsonString(), Encoding.UTF8);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        return content;
    }

    private static async Task<JsonObject> BodyAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        return answer.IsSuccessStatusCode
            ? JsonNode.Parse(text)!.AsObject()
            : throw new InvalidOperationException($"{answer.RequestMessage!.RequestUri}: {(int)answer.StatusCode}: {text}");
    }

    private static bool IsReached(JsonObject obj, string state)
    {
        var parts = state.Split('=', 3);
        return parts[0] switch
        {
            "condition" => (obj["status"]?["conditions"] as JsonArray)?.Any(condition =>
                (string?)condition!["type"] == parts[1] && (string?)condition["status"] == (parts.Length == 3 ? parts[2] : "True")) == true,
            "jsonpath" => Find(obj, parts[1]) == parts[2],
            _ => throw new ArgumentException($"{state} is no state", nameof(state)),
        };
    }

    /// <summary>What a path of members and indices, such as "{.a.b[0].c}", leads to; empty if to nothing.</summary>
    private static string Find(JsonNode? node, string path)
    {
        foreach (var step in path.Trim('{', '}').Split(['.', '[', ']'], StringSplitOptions.RemoveEmptyEntries))
        {
            node = int.TryParse(step, out var index) ? node is JsonArray array && index < array.Count ? array[index] : null : (node as JsonObject)?[step];
        }

        return node?.ToString() ?? "";
    }

    private static string Collection(string type, string ns) => type switch
    {
        "node" or "nodes" => "/api/v1/nodes",
        "namespace" or "namespaces" => "/api/v1/namespaces",
        "plugin" or "plugins" => "/apis/modular.dev/v1alpha1/plugins",
        "rc" => $"/api/v1/namespaces/{ns}/replicationcontrollers",
        "pod" or "service" or "configmap" => $"/api/v1/namespaces/{ns}/{type}s",
        "pods" or "services" or "configmaps" or "events" or "endpoints" or "serviceaccounts" => $"/api/v1/namespaces/{ns}/{type}",
        _ => throw new ArgumentException($"{type} is no type that a test asked for so far", nameof(type)),
    };
}
