using System.Net;
using System.Net.Sockets;
using DnsClient;
using DnsClient.Protocol;
using Microsoft.Extensions.Time.Testing;
using Modular.Plugins.Dns.Forwarding;
using Modular.Plugins.Dns.Wire;

namespace Modular.Plugins.Dns.Tests;

public sealed class ForwardingTests
{
    private static readonly byte[] Address = [192, 0, 2, 1];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Other_names_are_asked_of_others(bool tcp)
    {
        await using var upstream = new TestUpstream((question, _) => [TestUpstream.Answer(question, 0, (1, 60, Address))]);
        await using var server = RunningServer.Start([upstream.Endpoint], []);

        var answer = await server.Client(tcp).QueryAsync("www.Example.com", QueryType.A, cancellationToken: Cancellation);

        var record = Assert.Single(answer.Answers.ARecords());
        Assert.Equal(("192.0.2.1", 60), (record.Address.ToString(), record.InitialTimeToLive));
        Assert.Equal("www.Example.com.", record.DomainName.Value);
        Assert.False(answer.Header.HasAuthorityAnswer);
    }

    [Fact]
    public async Task What_was_answered_is_kept_and_every_question_comes_from_a_port_of_its_own()
    {
        await using var upstream = new TestUpstream((question, _) => [TestUpstream.Answer(question, 0, (1, 60, Address))]);
        await using var server = RunningServer.Start([upstream.Endpoint], []);
        var client = server.Client();

        for (var i = 0; i < 3; i++)
        {
            Assert.Single((await client.QueryAsync("a.example", QueryType.A, cancellationToken: Cancellation)).Answers);
            Assert.Single((await client.QueryAsync("B.example", QueryType.A, cancellationToken: Cancellation)).Answers);
        }

        Assert.Equal(2, upstream.Asked);
        Assert.Equal(2, upstream.Ports.Distinct().Count());
        Assert.Equal(2, server.Forwarder.Cached);
    }

    [Fact]
    public async Task A_cut_answer_is_fetched_whole()
    {
        await using var upstream = new TestUpstream((question, tcp) =>
        {
            var answer = TestUpstream.Answer(question, 0, [.. Enumerable.Range(0, tcp ? 100 : 0).Select(i => ((ushort)1, 60u, (byte[])[192, 0, 2, (byte)i]))]);
            answer[2] |= tcp ? (byte)0 : (byte)2;
            return [answer];
        });
        await using var server = RunningServer.Start([upstream.Endpoint], []);

        var answer = await server.Client(tcpOnly: true).QueryAsync("many.example", QueryType.A, cancellationToken: Cancellation);
        var datagram = await server.Client().QueryAsync("many.example", QueryType.A, cancellationToken: Cancellation);

        Assert.Equal(100, answer.Answers.Count);
        Assert.Equal(100, datagram.Answers.Count);
        Assert.Equal(2, upstream.Asked);
    }

    [Fact]
    public async Task What_is_no_answer_to_the_question_is_not_taken_for_one()
    {
        await using var upstream = new TestUpstream((question, _) =>
        {
            var honest = TestUpstream.Answer(question, 0, (1, 60, Address));
            byte[] otherId = [.. honest];
            otherId[0] ^= 1;
            byte[] otherName = [.. honest];
            otherName[13] ^= 1;
            byte[] aQuestion = [.. honest];
            aQuestion[2] &= 0x7F;
            return [otherId, otherName, aQuestion, honest[..^1], [], new byte[5], honest];
        });
        await using var server = RunningServer.Start([upstream.Endpoint], []);

        var answer = await server.Client().QueryAsync("www.example", QueryType.A, cancellationToken: Cancellation);

        Assert.Equal("192.0.2.1", Assert.Single(answer.Answers.ARecords()).Address.ToString());
    }

    [Fact]
    public async Task The_next_server_is_asked_when_one_is_not_there_or_does_not_know()
    {
        using var nobody = new TestListeners();
        var silent = nobody.Endpoint;
        nobody.Dispose();
        await using var failing = new TestUpstream((question, _) => [TestUpstream.Answer(question, 2)]);
        await using var working = new TestUpstream((question, _) => [TestUpstream.Answer(question, 0, (1, 60, Address))]);
        await using var server = RunningServer.Start([silent, failing.Endpoint, working.Endpoint], []);

        var answer = await server.Client().QueryAsync("www.example", QueryType.A, cancellationToken: Cancellation);
        await server.Client().QueryAsync("mail.example", QueryType.A, cancellationToken: Cancellation);

        Assert.Single(answer.Answers);
        Assert.Equal(1, failing.Asked);
        Assert.Equal(2, working.Asked);
    }

    [Fact]
    public async Task Without_anybody_to_ask_the_client_is_told_at_once()
    {
        await using var server = RunningServer.Start([], []);

        var answer = await server.Client().QueryAsync("www.example", QueryType.A, cancellationToken: Cancellation);

        Assert.Equal(DnsHeaderResponseCode.ServerFailure, answer.Header.ResponseCode);
    }

    [Fact]
    public async Task A_question_that_comes_back_to_this_server_ends()
    {
        await using var server = RunningServer.ThatAsksItself(TimeSpan.FromMilliseconds(100));

        var answer = await server.Client().QueryAsync("www.example", QueryType.A, cancellationToken: Cancellation);

        Assert.Equal(DnsHeaderResponseCode.ServerFailure, answer.Header.ResponseCode);
    }

    [Fact]
    public async Task A_name_that_others_say_is_not_there_is_not_there()
    {
        await using var upstream = new TestUpstream((question, _) => [TestUpstream.Answer(question, 3)]);
        await using var server = RunningServer.Start([upstream.Endpoint], [Services.Alias("nobody.example")]);

        var direct = await server.Client().QueryAsync("nobody.example", QueryType.A, cancellationToken: Cancellation);
        var alias = await server.Client().QueryAsync("elsewhere.shop.svc.cluster.local", QueryType.A, cancellationToken: Cancellation);

        Assert.Equal(DnsHeaderResponseCode.NotExistentDomain, direct.Header.ResponseCode);
        Assert.Equal(DnsHeaderResponseCode.NotExistentDomain, alias.Header.ResponseCode);
        Assert.Equal("nobody.example.", Assert.Single(alias.Answers.CnameRecords()).CanonicalName.Value);
    }

    [Fact]
    public async Task An_external_name_is_answered_with_its_addresses_whatever_they_are_called()
    {
        // The target is itself an alias, named by pointers into the answer it stands in.
        byte[] canonical = [3, (byte)'c', (byte)'d', (byte)'n', 0xC0, 12];
        await using var upstream = new TestUpstream((question, _) =>
        {
            var answer = TestUpstream.Answer(question, 0, (5, 30, canonical), (1, 60, Address));
            return [answer];
        });
        await using var server = RunningServer.Start([upstream.Endpoint], [Services.Alias("www.example.com")]);
        var client = server.Client();

        for (var i = 0; i < 2; i++)
        {
            var answer = await client.QueryAsync("elsewhere.shop.svc.cluster.local", QueryType.A, cancellationToken: Cancellation);

            Assert.Equal(
                ["www.example.com.", "cdn.www.example.com."], answer.Answers.CnameRecords().Select(record => record.CanonicalName.Value));
            Assert.Equal("www.example.com.", Assert.Single(answer.Answers.ARecords()).DomainName.Value);
        }

        Assert.Equal(1, upstream.Asked);
        server.Table.Apply(new ServiceDelta { Base = 1, Revision = 2, Services = [Services.Alias("mail.example.com")] });
        var changed = await client.QueryAsync("elsewhere.shop.svc.cluster.local", QueryType.A, cancellationToken: Cancellation);
        Assert.Equal("mail.example.com.", changed.Answers.CnameRecords().First().CanonicalName.Value);
    }

    [Fact]
    public async Task No_more_questions_are_on_their_way_than_allowed()
    {
        using var meter = new System.Diagnostics.Metrics.Meter("dns.Tests");
        await using var upstream = new TestUpstream((_, _) => []);
        var options = new DnsOptions { Forward = [upstream.Endpoint], MostForwarded = 2, ForwardTimeout = TimeSpan.FromMinutes(1) };
        Task<UpstreamAnswer?>[] asked;
        await using (var forwarder = new Forwarder(new UpstreamServers(options.Forward, "", []), options, new FakeTimeProvider(), new DnsMetrics(meter)))
        {
            asked = [.. "abc".Select(letter => forwarder.AskAsync(Question(letter.ToString())))];
            Assert.Same(asked[0], forwarder.AskAsync(Question("a")));
            Assert.Null(await asked[2]);
            Assert.Equal(2, forwarder.InFlight);
            await forwarder.DisposeAsync();
        }

        // Disposed twice by now: once by itself.
        Assert.All(asked, task => Assert.True(task.IsCompleted));
    }

    [Fact]
    public void Answers_grow_old_and_go()
    {
        var time = new FakeTimeProvider();
        var cache = new AnswerCache(2, time);
        var question = Question("a");
        var message = TestUpstream.Answer(Message(question), 0, (1, 60, Address));
        cache.Put(UpstreamAnswer.Read(message, question, RawMessage.Id)!);

        time.Advance(TimeSpan.FromSeconds(59));
        Assert.True(cache.TryGet(question.Key, out _, out var age));
        Assert.Equal(59u, age);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(cache.TryGet(question.Key, out _, out _));

        for (var i = 0; i < 100; i++)
        {
            var other = Question("x" + i);
            cache.Put(UpstreamAnswer.Read(TestUpstream.Answer(Message(other), 0, (1, 60, Address)), other, RawMessage.Id)!);
            Assert.InRange(cache.Count, 1, 2);
        }
    }

    [Fact]
    public void Whatever_others_send_is_taken_without_a_fault()
    {
        var random = new Random(20261123);
        var question = Question("www.example");
        byte[] canonical = [3, (byte)'c', (byte)'d', (byte)'n', 0xC0, 12];
        var honest = TestUpstream.Answer(Message(question), 0, (5, 30, canonical), (1, 60, Address), (15, 60, [0, 1, 0xC0, 12]), (33, 60, [0, 1, 0, 1, 0, 1, 0xC0, 12]));
        var buffer = new byte[1232];
        var request = RawMessage.Question("elsewhere.shop.svc.cluster.local", 1);
        for (var i = 0; i < 200_000; i++)
        {
            byte[] message = [.. honest];
            for (var changes = random.Next(1, 6); changes > 0; changes--)
            {
                message[random.Next(question.End, message.Length)] = random.Next(2) == 0 ? (byte)0xC0 : (byte)random.Next(256);
            }

            message = random.Next(4) == 0 ? message[..random.Next(message.Length)] : message;
            if (UpstreamAnswer.Read(message, question, RawMessage.Id) is not { } answer)
            {
                continue;
            }

            DnsQuery.Read(request, new byte[255], out var query);
            var writer = new ResponseWriter(buffer, buffer.Length, query);
            answer.AppendAnswersTo(ref writer);
            Assert.InRange(writer.Finish(query), request.Length, buffer.Length);
            writer = new ResponseWriter(buffer, buffer.Length, query);
            answer.WriteTo(ref writer, 5);
            Assert.InRange(writer.Finish(query), request.Length, buffer.Length);
        }
    }

    [Fact]
    public void Names_that_point_in_circles_are_no_names()
    {
        byte[] message = [0xC0, 2, 0xC0, 0, 1, (byte)'a', 0xC0, 4];
        foreach (var start in (int[])[0, 2, 4])
        {
            var at = start;
            Assert.False(WireName.TryExpand(message, ref at, new byte[255], out _));
        }
    }

    [Fact]
    public void The_machines_servers_are_read_from_its_file_again_when_it_changed_and_this_one_is_left_out()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "# names\nsearch example.com\nnameserver 192.0.2.53\nnameserver\t2001:db8::53 \nnameserver 10.96.0.10\nnameserver rubbish\n");
            var servers = new UpstreamServers([], file, [new IPEndPoint(IPAddress.Parse("10.96.0.10"), 53)]);
            Assert.Equal(["192.0.2.53:53", "[2001:db8::53]:53"], servers.Current().Select(server => server.ToString()));

            File.WriteAllText(file, "nameserver 192.0.2.54\n");
            File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);
            Assert.Equal(["192.0.2.54:53"], servers.Current().Select(server => server.ToString()));

            File.Delete(file);
            Assert.Equal(["192.0.2.54:53"], servers.Current().Select(server => server.ToString()));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static UpstreamQuestion Question(string name) => new([.. WireName.Encode(name), 0, 1, 0, 1, 0]);

    private static byte[] Message(UpstreamQuestion question)
    {
        var buffer = new byte[512];
        return buffer[..question.WriteMessage(buffer, RawMessage.Id)];
    }
}
