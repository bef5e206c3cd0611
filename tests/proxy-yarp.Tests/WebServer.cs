using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Modular.Plugins.ProxyYarp.Tests;

/// <summary>Answers with its name, the host and the target it was asked for; echoes WebSocket messages; holds downloads until released.</summary>
internal sealed class WebServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private WebServer(WebApplication application) => _application = application;

    public IPEndPoint EndPoint { get; private set; } = new(IPAddress.Loopback, 0);

    /// <summary>Lets a download at /download go on after its first half.</summary>
    public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static async Task<WebServer> StartAsync(string name, HttpProtocols protocols = HttpProtocols.Http1, string address = "127.0.0.1")
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Parse(address), 0, endpoint => endpoint.Protocols = protocols));
        var application = builder.Build();
        var server = new WebServer(application);
        application.UseWebSockets();
        application.Run(context => server.AnswerAsync(name, context));
        await application.StartAsync();
        server.EndPoint = new IPEndPoint(IPAddress.Parse(address), new Uri(application.Urls.First()).Port);
        return server;
    }

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();

    private async Task AnswerAsync(string name, HttpContext context)
    {
        if (context.WebSockets.IsWebSocketRequest)
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[1024];
            var received = await socket.ReceiveAsync(buffer, context.RequestAborted);
            while (received.MessageType != WebSocketMessageType.Close)
            {
                await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, context.RequestAborted);
                received = await socket.ReceiveAsync(buffer, context.RequestAborted);
            }

            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", context.RequestAborted);
            return;
        }

        if (context.Request.Path == "/download")
        {
            await context.Response.WriteAsync("first ");
            await context.Response.Body.FlushAsync();
            await Release.Task;
            await context.Response.WriteAsync("second");
            return;
        }

        var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        using var reader = new StreamReader(context.Request.Body);
        await context.Response.WriteAsync($"{name} {context.Request.Host} {target} {await reader.ReadToEndAsync()}".TrimEnd());
    }
}
