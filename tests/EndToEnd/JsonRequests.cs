using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Modular.EndToEnd;

/// <summary>Requests with JSON bodies, and the answers one by one.</summary>
internal sealed class JsonRequests(HttpClient http, CancellationToken cancellationToken)
{
    public Task<JsonObject> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null, HttpStatusCode.OK);

    /// <summary>Sends a request whose answer is known to be this one.</summary>
    public async Task<JsonObject> SendAsync(HttpMethod method, string path, JsonNode? body, HttpStatusCode expected, string type = "application/json")
    {
        var (code, text) = await TryAsync(method, path, body, type);
        return code == expected
            ? JsonNode.Parse(text)!.AsObject()
            : throw new InvalidOperationException($"{method} {path}: {(int)code}, not {(int)expected}: {text}");
    }

    /// <summary>Sends a request that may be answered in any way.</summary>
    public async Task<(HttpStatusCode Code, string Text)> TryAsync(HttpMethod method, string path, JsonNode? body = null, string type = "application/json")
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        }

        using var answer = await http.SendAsync(request, cancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(cancellationToken));
    }

    /// <summary>Opens a watch, of which each line is an event.</summary>
    public async Task<StreamReader> WatchAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        return new StreamReader(await answer.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(cancellationToken));
    }
}
