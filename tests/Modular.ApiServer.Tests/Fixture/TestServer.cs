using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Modular.ApiServer.Tests;

/// <summary>An API server on a free port in front of fakes, and a client of it.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly ApiHttpServer _server;

    private TestServer(ApiHttpServer server, FakePipeline pipeline, FakeRegistry registry, FakeTimeProvider time)
    {
        _server = server;
        (Pipeline, Registry, Time) = (pipeline, registry, time);
        Client = new HttpClient { BaseAddress = server.Addresses[0] };
    }

    public FakePipeline Pipeline { get; }

    public FakeRegistry Registry { get; }

    public FakeTimeProvider Time { get; }

    public HttpClient Client { get; }

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<TestServer> StartAsync(
        Func<ApiServerParts, ApiServerParts>? change = null, Func<ApiServerOptions, ApiServerOptions>? limit = null)
    {
        var (pipeline, registry) = (new FakePipeline(), new FakeRegistry());
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 5, 0, TimeSpan.Zero));
        ILoggerFactory log = NullLoggerFactory.Instance;
        var parts = new ApiServerParts
        {
            Pipeline = pipeline,
            Resources = registry,
            Authenticate = static (_, _) => ValueTask.FromResult(new AuthenticationResult { User = new UserInfo("tester") }),
            Time = time,
            Log = log,
        };
        var options = new ApiServerOptions { Listen = [new IPEndPoint(IPAddress.Loopback, 0)], Version = ServerVersion.Of("0.1.0") };
        var server = new ApiHttpServer(limit?.Invoke(options) ?? options, change?.Invoke(parts) ?? parts);
        await server.StartAsync(Cancel);
        return new TestServer(server, pipeline, registry, time);
    }

    public async Task<Answer> SendAsync(
        string method, string path, string? body = null, string contentType = "application/json", string? accept = null, string? ifNoneMatch = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        if (ifNoneMatch is not null)
        {
            request.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Parse(ifNoneMatch));
        }

        using var response = await Client.SendAsync(request, Cancel);
        return new Answer(
            (int)response.StatusCode,
            response.Content.Headers.TryGetValues("Content-Type", out var types) ? types.Single() : "",
            await response.Content.ReadAsStringAsync(Cancel),
            response.Headers);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _server.StopAsync(CancellationToken.None);
        await _server.DisposeAsync();
    }
}

/// <summary>What the server answered.</summary>
internal sealed record Answer(int Code, string ContentType, string Text, HttpResponseHeaders Headers)
{
    public JsonObject Json => JsonNode.Parse(Text)!.AsObject();

    public string? this[string path] => Json.Get(path)?.ToString();
}
