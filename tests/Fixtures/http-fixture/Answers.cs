using System.Globalization;
using System.Net.WebSockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Modular.Abstractions;
using Modular.ApiMachinery;

namespace Modular.Plugins.HttpFixture;

/// <summary>One answer for each way a request can go.</summary>
internal sealed class Answers(string directory)
{
    private const int Block = 1 << 20;
    private const int Blocks = 48;

    private readonly Channel<bool> _events = Channel.CreateUnbounded<bool>();
    private volatile int _given;

    public Task HandleAsync(HttpContext context, string contract) => context.Request.Path.Value!.Split('/')[^1] switch
    {
        "gives" => GiveAsync(context),
        "given" => context.Response.WriteAsync(_given.ToString(CultureInfo.InvariantCulture), context.RequestAborted),
        "takes" => TakeAsync(context),
        "socket" => TalkAsync(context),
        "upgrade" => UpgradeAsync(context),
        "events" => FollowAsync(context),
        "next" => NextAsync(context),
        "never" => WaitAsync(context),
        "refuses" => throw new ApiException(StatusReason.NotFound, "there is no such thing"),
        "throws" => throw new InvalidOperationException("the secret of the handler"),
        _ => DescribeAsync(context, contract),
    };

    private static async Task DescribeAsync(HttpContext context, string contract)
    {
        var request = context.Request;
        var user = context.Features.Get<UserInfo>();
        var who = user is null ? "nobody" : $"{user.Name} uid={user.Uid} groups={string.Join('|', user.Groups)}{Extra(user)}";
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        context.Response.Headers["X-Answer"] = "yes";
        context.Response.Headers.CacheControl = "max-age=5";
        await context.Response.WriteAsync(
            $"""
            {contract} {request.Method} {request.Scheme}://{request.Host}{request.Path.Value}{request.QueryString}
            from {context.Connection.RemoteIpAddress} by {who}
            headers {string.Join(' ', request.Headers.Keys.Where(name => name.StartsWith("X-", StringComparison.OrdinalIgnoreCase) || name == "Authorization").Order(StringComparer.Ordinal))}
            """,
            context.RequestAborted);
    }

    private static string Extra(UserInfo user) =>
        string.Concat(user.Extra.OrderBy(static extra => extra.Key, StringComparer.Ordinal).Select(static extra => $" {extra.Key}={string.Join('|', extra.Value)}"));

    /// <summary>Sends a megabyte after the other, as fast as it is taken.</summary>
    private async Task GiveAsync(HttpContext context)
    {
        var block = new byte[Block];
        for (_given = 0; _given < Blocks; _given++)
        {
            block.AsSpan().Fill((byte)_given);
            await context.Response.Body.WriteAsync(block, context.RequestAborted);
        }
    }

    /// <summary>Takes a megabyte, and another whenever it is told to; answers how many of them were as they should be.</summary>
    private async Task TakeAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        var block = new byte[Block];
        var right = 0;
        for (var taken = 0; taken < Blocks; taken++)
        {
            await context.Request.Body.ReadExactlyAsync(block, context.RequestAborted);
            right += block.AsSpan().ContainsAnyExcept((byte)taken) ? 0 : 1;
            await _events.Reader.ReadAsync(context.RequestAborted);
        }

        await context.Response.WriteAsync(right.ToString(CultureInfo.InvariantCulture), context.RequestAborted);
    }

    private static async Task TalkAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync(context.WebSockets.WebSocketRequestedProtocols.FirstOrDefault());
        var buffer = new byte[1024];
        while (await socket.ReceiveAsync(buffer, context.RequestAborted) is { MessageType: not WebSocketMessageType.Close } received)
        {
            await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, context.RequestAborted);
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", context.RequestAborted);
    }

    private static async Task UpgradeAsync(HttpContext context)
    {
        context.Response.Headers.Upgrade = "SPDY/3.1";
        await using var stream = await context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
        await stream.CopyToAsync(stream, context.RequestAborted);
    }

    private async Task FollowAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        for (var number = 0; ; number++)
        {
            await context.Response.WriteAsync($"data: {number.ToString(CultureInfo.InvariantCulture)}\n\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await _events.Reader.ReadAsync(context.RequestAborted);
        }
    }

    private Task NextAsync(HttpContext context)
    {
        _events.Writer.TryWrite(true);
        return context.Response.WriteAsync("ok", context.RequestAborted);
    }

    /// <summary>Waits until the client leaves; files say where it is.</summary>
    private async Task WaitAsync(HttpContext context)
    {
        await File.WriteAllTextAsync(Path.Combine(directory, "waits"), "", CancellationToken.None);
        try
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        }
        finally
        {
            await File.WriteAllTextAsync(Path.Combine(directory, "left"), "", CancellationToken.None);
        }
    }
}
