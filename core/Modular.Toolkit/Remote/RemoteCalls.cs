using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Toolkit;

/// <summary>
/// Requests to an API server that may be away for a while, as when it is exchanged for a newer one. Those that did not reach it, or that it
/// refused because it is only starting, are made again for some time; for what comes later the caller has its own back-off. Thread-safe.
/// </summary>
internal sealed class RemoteCalls(HttpClient http, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    /// <summary>Sends a request and reads the object that is the answer.</summary>
    /// <exception cref="ApiException">The server refused, or can't be reached.</exception>
    public async ValueTask<JsonObject> SendAsync(
        HttpMethod method, string path, JsonNode? body, string contentType, CancellationToken cancellationToken)
    {
        using var response = await OpenAsync(method, path, body, contentType, HttpCompletionOption.ResponseContentRead, cancellationToken).ConfigureAwait(false);
        var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        return JsonDecoder.DecodeObject(bytes, out _);
    }

    public ValueTask<JsonObject> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Get, path, null, "", cancellationToken);

    /// <summary>Opens a stream, such as a watch.</summary>
    /// <exception cref="ApiException">The server refused, or can't be reached.</exception>
    public ValueTask<HttpResponseMessage> OpenAsync(string path, CancellationToken cancellationToken) =>
        OpenAsync(HttpMethod.Get, path, null, "", HttpCompletionOption.ResponseHeadersRead, cancellationToken);

    private async ValueTask<HttpResponseMessage> OpenAsync(
        HttpMethod method, string path, JsonNode? body, string contentType, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        var content = body is null ? null : ObjectEncoding.EncodeValue(body);
        var started = time.GetTimestamp();
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            var failure = await TryAsync(Request(method, path, content, contentType), completion, cancellationToken).ConfigureAwait(false);
            if (failure.Response is { } response)
            {
                return response;
            }

            if (!failure.WasNotCarriedOut || time.GetElapsedTime(started) > Patience)
            {
                throw failure.Exception!;
            }

            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<Outcome> TryAsync(HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        using (request)
        {
            try
            {
                var response = await http.SendAsync(request, completion, cancellationToken).ConfigureAwait(false);
                return response.IsSuccessStatusCode ? new Outcome(response, null, false) : await RefusedAsync(response, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                // Without a connection nothing was asked; with one, only what changes nothing may be asked again.
                var untouched = request.Method == HttpMethod.Get || e is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError };
                return new Outcome(null, new ApiException(new ApiStatus(StatusReason.ServiceUnavailable, $"the API can't be reached: {e.Message}"), e), untouched);
            }
            catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
            {
                // The client's own patience ended, not the caller's.
                return new Outcome(null, new ApiException(new ApiStatus(StatusReason.Timeout, "the API did not answer in time"), e), request.Method == HttpMethod.Get);
            }
        }
    }

    private static async ValueTask<Outcome> RefusedAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using (response)
        {
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            return new Outcome(null, RemoteObjects.Failure((int)response.StatusCode, body), response.StatusCode == HttpStatusCode.ServiceUnavailable);
        }
    }

    private static HttpRequestMessage Request(HttpMethod method, string path, byte[]? content, string contentType)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (content is not null)
        {
            request.Content = new ByteArrayContent(content);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        }

        return request;
    }

    private readonly record struct Outcome(HttpResponseMessage? Response, ApiException? Exception, bool WasNotCarriedOut);
}
