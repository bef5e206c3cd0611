using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Modular.Models;
using Modular.Plugins.NodeAgent.Probes;

namespace Modular.Plugins.NodeAgent.Tests;

public sealed class GrpcProbeTests : IAsyncLifetime
{
    private const byte StatusField = 0x08;
    private WebApplication? _server;
    private int _port;
    private byte _status = 1;
    private string _code = "0";
    private byte[] _question = [];

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(
            System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        _server = builder.Build();
        _server.MapPost("/grpc.health.v1.Health/Check", AnswerAsync);
        await _server.StartAsync(TestContext.Current.CancellationToken);
        _port = new Uri(_server.Urls.Single()).Port;
    }

    public ValueTask DisposeAsync() => _server!.DisposeAsync();

    [Theory]
    [InlineData(1, true, "")]
    [InlineData(2, false, "service unhealthy (responded with \"NOT_SERVING\")")]
    [InlineData(3, false, "service unhealthy (responded with \"SERVICE_UNKNOWN\")")]
    public async Task A_service_is_healthy_when_it_says_that_it_serves(byte status, bool healthy, string output)
    {
        _status = status;
        Assert.Equal(new ProbeAnswer(healthy, output), await AskAsync());
        Assert.Equal("shop"u8, _question.AsSpan()[^4..]);
    }

    [Fact]
    public async Task A_server_that_does_not_know_the_question_is_not_healthy()
    {
        _code = "12";
        var answer = await AskAsync();
        Assert.False(answer.Success);
        Assert.Contains("does not implement the grpc health protocol", answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_there_is_not_healthy()
    {
        await _server!.StopAsync(TestContext.Current.CancellationToken);
        var answer = await AskAsync();
        Assert.False(answer.Success);
        Assert.StartsWith("error: health rpc probe failed: ", answer.Output, StringComparison.Ordinal);
    }

    private Task<ProbeAnswer> AskAsync() =>
        GrpcProbe.AskAsync(new GrpcAction { Port = _port, Service = "shop" }, "127.0.0.1", TestContext.Current.CancellationToken);

    private async Task AnswerAsync(HttpContext context)
    {
        using var question = new MemoryStream();
        await context.Request.Body.CopyToAsync(question);
        _question = question.ToArray();
        context.Response.ContentType = "application/grpc";
        context.Response.DeclareTrailer("grpc-status");
        if (_code == "0")
        {
            await context.Response.Body.WriteAsync(new byte[] { 0, 0, 0, 0, 2, StatusField, _status });
        }

        context.Response.AppendTrailer("grpc-status", _code);
    }
}
