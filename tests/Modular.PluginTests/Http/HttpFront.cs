using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Modular.Abstractions;
using Modular.ApiMachinery;

namespace Modular.PluginTests;

/// <summary>Requests to a plugin as a host hands them over: from a true listener, with the user who asks.</summary>
internal sealed class HttpFront : IAsyncDisposable
{
    private static readonly UserInfo User = new("carla") { Groups = ["system:authenticated"] };
    private static readonly string[] Methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "ODD"];
    private static readonly string[] OddEnds =
        ["", "/", "//", "/../..", "/%2e%2e/%2e%2e", "/%FF%C3", "/a/b/c/d/e/f/g/h", "/" + new string('x', 4000), "?a=b&a=%ff&=&%", "?follow=perhaps&tailLines=-1&command=%00"];

    private readonly WebApplication _server;
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
    private readonly ConcurrentQueue<Exception> _thrown = [];
    private readonly Lock _lock = new();
    private TaskCompletionSource _idle = Completed();
    private int _running;

    private HttpFront(Func<HttpContext, Task> handle)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        _server.UseWebSockets();
        _server.Run(context => AnswerAsync(context, handle));
    }

    /// <summary>What the plugin threw that is no answer of the API.</summary>
    public IReadOnlyCollection<Exception> Thrown => _thrown;

    private Uri Address => new(_server.Urls.Single());

    /// <summary>Completes when the plugin has nothing to do.</summary>
    public Task Idle
    {
        get
        {
            lock (_lock)
            {
                return _idle.Task;
            }
        }
    }

    public static async Task<HttpFront> StartAsync(Func<HttpContext, Task> handle, CancellationToken cancellationToken)
    {
        var front = new HttpFront(handle);
        await front._server.StartAsync(cancellationToken).ConfigureAwait(false);
        return front;
    }

    public Task<HttpResponseMessage> SendAsync(string method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        // As it is written here, which is not how a well-behaved client writes it.
        var uri = new Uri($"{Address.GetLeftPart(UriPartial.Authority)}{path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        return _client.SendAsync(new HttpRequestMessage(new HttpMethod(method), uri) { Content = content }, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    public async Task<HttpStatusCode> GetStatusAsync(string path, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync("GET", path, content: null, cancellationToken).ConfigureAwait(false);
        return answer.StatusCode;
    }

    /// <summary>Asks for what makes no sense; whatever the plugin makes of it, it is neither its own failure nor a silence.</summary>
    public async Task SendNonsenseAsync(string path, CancellationToken cancellationToken)
    {
        foreach (var (method, end) in Methods.SelectMany(method => OddEnds.Select(end => (method, end))))
        {
            using var content = method is "GET" or "OPTIONS" ? null : new ByteArrayContent([0x7b, 0xff, 0x00]);
            content?.Headers.TryAddWithoutValidation("Content-Type", "application/;json");
            using var answer = await SendAsync(method, path + end, content, cancellationToken).ConfigureAwait(false);
            Assert.True((int)answer.StatusCode < 500 && Thrown.Count == 0, $"{method} {path}{end}: {answer.StatusCode} {Thrown.FirstOrDefault()}");
        }
    }

    /// <summary>Sends a part of a request and leaves.</summary>
    public async Task SendHalfAsync(string path, CancellationToken cancellationToken)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPEndPoint.Parse(Address.Authority), cancellationToken).ConfigureAwait(false);
        var request = $"POST {path} HTTP/1.1\r\nHost: {Address.Authority}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{\"a\":";
        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), cancellationToken).ConfigureAwait(false);
        socket.LingerState = new LingerOption(true, 0);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.StopAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);
        await _server.DisposeAsync().ConfigureAwait(false);
    }

    private static TaskCompletionSource Completed()
    {
        var completed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        completed.SetResult();
        return completed;
    }

    private async Task AnswerAsync(HttpContext context, Func<HttpContext, Task> handle)
    {
        context.Features.Set(User);
        Count(1);
        try
        {
            await handle(context).ConfigureAwait(false);
        }
        catch (ApiException e) when (!context.Response.HasStarted)
        {
            context.Response.StatusCode = e.Status.Code;
        }
        catch (Exception e) when (e is BadHttpRequestException || context.RequestAborted.IsCancellationRequested)
        {
            // Nonsense that the server sees, or a client that has gone.
        }
        catch (Exception e)
        {
            _thrown.Enqueue(e);
            context.Abort();
        }
        finally
        {
            Count(-1);
        }
    }

    private void Count(int change)
    {
        lock (_lock)
        {
            _running += change;
            if (_running == 0)
            {
                _idle.TrySetResult();
            }
            else if (_idle.Task.IsCompleted)
            {
                _idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }
}
