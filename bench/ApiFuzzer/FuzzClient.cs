using System.Net;
using Microsoft.Extensions.Time.Testing;

namespace Modular.ApiFuzzer;

/// <summary>Sends requests over a socket, as they are: paths are not made canonical, headers not checked.</summary>
internal sealed class FuzzClient : IDisposable
{
    // Longer than any watch.
    private static readonly TimeSpan WatchesEnd = TimeSpan.FromDays(8);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(3);

    private readonly HttpClient _http;
    private readonly Uri _server;
    private readonly FakeTimeProvider _time;

    public FuzzClient(FuzzServer server)
    {
        (_server, _time) = (server.Address, server.Time);
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false, AutomaticDecompression = DecompressionMethods.GZip }) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>The answer, whole. A stream that would go on is ended by the server's clock.</summary>
    /// <exception cref="TimeoutException">No answer came within the time.</exception>
    /// <exception cref="HttpRequestException">The connection broke.</exception>
    public async Task<FuzzAnswer> SendAsync(FuzzRequest request, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var watchdog = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        watchdog.CancelAfter(patience);
        try
        {
            using var message = Message(request);
            using var response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, watchdog.Token);
            var body = response.Content.ReadAsByteArrayAsync(watchdog.Token);
            while (!body.IsCompleted)
            {
                await Task.WhenAny(body, Task.Delay(Moment, watchdog.Token));
                if (!body.IsCompleted)
                {
                    _time.Advance(WatchesEnd);
                }
            }

            var type = response.Content.Headers.TryGetValues("Content-Type", out var types) ? string.Join(',', types) : "";
            return new FuzzAnswer((int)response.StatusCode, type, await body);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"no whole answer within {patience}");
        }
    }

    public void Dispose() => _http.Dispose();

    private HttpRequestMessage Message(FuzzRequest request)
    {
        var uri = new Uri(
            $"http://{_server.Authority}{request.Target}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var message = new HttpRequestMessage(new HttpMethod(request.Method), uri);
        if (request.Body.Length > 0)
        {
            message.Content = new ByteArrayContent(request.Body);
        }

        foreach (var (name, value) in request.Headers)
        {
            if (!message.Headers.TryAddWithoutValidation(name, value))
            {
                message.Content?.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return message;
    }
}
