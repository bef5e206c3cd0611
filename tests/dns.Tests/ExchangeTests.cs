using System.Net;
using System.Net.Sockets;

namespace Modular.Plugins.Dns.Tests;

/// <summary>One build of the server takes the place of another while clients ask.</summary>
public sealed class ExchangeTests
{
    private const string Web = "web.shop.svc.cluster.local";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_question_is_lost_while_servers_take_turns_on_the_same_sockets()
    {
        using var listeners = new TestListeners();
        using var over = new CancellationTokenSource();
        var server = RunningServer.Start([], [Services.Web], listeners);
        var clients = Enumerable.Range(0, 4).Select(_ => AskAsync(listeners.Endpoint, over.Token)).ToArray();
        for (var i = 0; i < 20; i++)
        {
            var next = RunningServer.Start([], [Services.Web], listeners);
            await server.DisposeAsync();
            server = next;
        }

        await over.CancelAsync();
        var answered = await Task.WhenAll(clients);
        await server.DisposeAsync();

        Assert.All(answered, count => Assert.True(count > 0));
        Assert.Equal(0, listeners.Lent);
    }

    [Fact]
    public async Task A_question_that_comes_between_two_servers_waits_for_the_next()
    {
        using var listeners = new TestListeners();
        await RunningServer.Start([], [Services.Web], listeners).DisposeAsync();
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await client.ConnectAsync(listeners.Endpoint, Cancellation);
        await client.SendAsync(RawMessage.Question(Web, 1), Cancellation);

        await using var next = RunningServer.Start([], [Services.Web], listeners);

        var answer = new byte[512];
        Assert.True(await client.ReceiveAsync(answer, Cancellation) > 0);
    }

    [Fact]
    public async Task Questions_are_answered_while_the_services_change()
    {
        await using var server = RunningServer.With(Services.Web, Services.Many(50));
        using var over = new CancellationTokenSource();
        var client = AskAsync(server.Endpoint, over.Token);
        for (var revision = 1; revision < 500; revision++)
        {
            var report = server.Table.Apply(new ServiceDelta
            {
                Base = revision % 50 == 0 ? 0 : revision,
                Revision = revision + 1,
                Services = [Services.Many(revision % 50), Services.Web],
            });
            Assert.Equal(revision + 1, report.Revision);
        }

        await over.CancelAsync();
        Assert.True(await client > 0);
    }

    [Fact]
    public async Task A_connection_takes_many_questions_at_once_and_in_pieces()
    {
        await using var server = RunningServer.With(Services.Web);
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(server.Endpoint, Cancellation);
        var question = RawMessage.Question(Web, 1);
        byte[] framed = [.. RawMessage.Number((ushort)question.Length), .. question];
        byte[] stream = [.. Enumerable.Repeat(framed, 200).SelectMany(bytes => bytes)];
        await client.SendAsync(stream.AsMemory(0, 3), Cancellation);
        await client.SendAsync(stream.AsMemory(3, 101), Cancellation);
        await client.SendAsync(stream.AsMemory(104), Cancellation);

        await using var answers = new NetworkStream(client);
        for (var i = 0; i < 200; i++)
        {
            var prefix = new byte[2];
            await answers.ReadExactlyAsync(prefix, Cancellation);
            var answer = new byte[RawMessage.Number(prefix, 0)];
            await answers.ReadExactlyAsync(answer, Cancellation);
            Assert.Equal(1, RawMessage.Number(answer, 6));
        }
    }

    [Theory]
    [InlineData(new byte[] { 0, 3, 1, 2, 3 })]
    [InlineData(new byte[] { 0xFF, 0xFF, 1, 2, 3 })]
    public async Task A_connection_that_does_not_speak_DNS_is_closed(byte[] bytes)
    {
        await using var server = RunningServer.With(Services.Web);
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(server.Endpoint, Cancellation);
        await client.SendAsync(bytes, Cancellation);

        try
        {
            Assert.Equal(0, await client.ReceiveAsync(new byte[10], Cancellation));
        }
        catch (SocketException error)
        {
            Assert.Equal(SocketError.ConnectionReset, error.SocketErrorCode);
        }
    }

    /// <summary>Asks one question after the other and never twice: one that is lost would wait for ever.</summary>
    private static async Task<int> AskAsync(IPEndPoint server, CancellationToken over)
    {
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await client.ConnectAsync(server, Cancellation);
        var question = RawMessage.Question(Web, 1);
        var answer = new byte[512];
        var answered = 0;
        do
        {
            await client.SendAsync(question, Cancellation);
            await client.ReceiveAsync(answer, Cancellation);
            Assert.Equal((0, 1), (RawMessage.Code(answer), RawMessage.Number(answer, 6)));
            answered++;
        }
        while (!over.IsCancellationRequested);

        return answered;
    }
}
