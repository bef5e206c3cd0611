using Modular.Plugins.Dns.Answering;

namespace Modular.Plugins.Dns.Tests;

/// <summary>What stands in an answer, byte by byte, and what is done with messages that are no honest questions.</summary>
public sealed class MessageTests : IAsyncDisposable
{
    private const string Web = "web.shop.svc.cluster.local";
    private const ushort A = 1;

    private readonly RunningServer _server = RunningServer.With(Services.Web, Services.Database, Services.Many(200), Services.Alias("example.com"));
    private readonly QuestionHandler _handler;
    private readonly byte[] _buffer = new byte[65536];

    public MessageTests() => _handler = _server.NewHandler();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public void Upper_and_lower_case_come_back_as_they_were()
    {
        var question = RawMessage.Question("wEb.ShOp.SVC.cluster.LOCAL", A);

        var answer = Ask(question);

        Assert.Equal(0, RawMessage.Code(answer));
        Assert.Equal(1, RawMessage.Number(answer, 6));
        Assert.Equal(question[12..], answer[12..question.Length]);
        Assert.Equal(0xC00C, RawMessage.Number(answer, question.Length));
    }

    [Fact]
    public void The_client_is_told_what_was_asked_of_the_header()
    {
        Assert.Equal(0x8580, RawMessage.Number(Ask(RawMessage.Question(Web, A, 0x0100)), 2));
        Assert.Equal(0x8480, RawMessage.Number(Ask(RawMessage.Question(Web, A, 0)), 2));
        Assert.Equal(RawMessage.Id, RawMessage.Number(Ask(RawMessage.Question(Web, A)), 0));
    }

    [Fact]
    public void Only_who_speaks_EDNS_hears_it()
    {
        var plain = Ask(RawMessage.Question(Web, A));
        var extended = Ask(RawMessage.WithOpt(RawMessage.Question(Web, A), flags: 0x8000));

        Assert.Equal(0, RawMessage.Number(plain, 10));
        Assert.Equal(1, RawMessage.Number(extended, 10));
        Assert.Equal(plain.Length + 11, extended.Length);
        var opt = extended.AsSpan(plain.Length);
        Assert.Equal((0, 41, 1232), (opt[0], RawMessage.Number(opt, 1), RawMessage.Number(opt, 3)));
        Assert.Equal(0x8000, RawMessage.Number(opt, 7));
    }

    [Fact]
    public void Another_version_of_EDNS_is_refused_by_its_number()
    {
        var answer = Ask(RawMessage.WithOpt(RawMessage.Question(Web, A), version: 1));

        Assert.Equal(0, RawMessage.Code(answer));
        Assert.Equal(1, answer[^6]);
        Assert.Equal(0, RawMessage.Number(answer, 6));
    }

    [Theory]
    [InlineData(0, 512)]
    [InlineData(100, 512)]
    [InlineData(600, 600)]
    [InlineData(4096, 1232)]
    public void A_long_answer_is_cut_at_what_the_client_takes(ushort announced, int most)
    {
        var question = RawMessage.Question("many.shop.svc.cluster.local", A);

        var answer = Ask(announced == 0 ? question : RawMessage.WithOpt(question, announced));

        Assert.InRange(answer.Length, most - 16, most);
        Assert.NotEqual(0, RawMessage.Number(answer, 2) & 0x0200);
        Assert.Equal((answer.Length - question.Length - (announced == 0 ? 0 : 11)) / 16, RawMessage.Number(answer, 6));
    }

    [Theory]
    [InlineData(0x0900, 4)]
    [InlineData(0x2100, 4)]
    public void Other_operations_are_not_carried_out(ushort flags, int code)
    {
        var answer = Ask(RawMessage.Question(Web, A, flags));

        Assert.Equal(code, RawMessage.Code(answer));
        Assert.Equal(12, answer.Length);
    }

    [Theory]
    [InlineData(252, 1)]
    [InlineData(251, 1)]
    [InlineData(41, 1)]
    [InlineData(1, 3)]
    [InlineData(16, 3)]
    public void What_is_nobodys_business_is_refused(ushort type, ushort @class) =>
        Assert.Equal(5, RawMessage.Code(Ask(RawMessage.Question(Web, type, @class: @class))));

    [Fact]
    public void Answers_are_never_answered()
    {
        Assert.Equal(Outcome.Silence, Handle(RawMessage.Question(Web, A, 0x8100)));
        Assert.Equal(Outcome.Silence, Handle([]));
        Assert.Equal(Outcome.Silence, Handle(new byte[11]));
    }

    [Fact]
    public void What_cannot_be_read_is_said_so()
    {
        var question = RawMessage.Question(Web, A);
        var opt = RawMessage.WithOpt(question);
        byte[][] malformed =
        [
            RawMessage.Header(0x0100, 1, 0),
            RawMessage.Header(0x0100, 0, 0),
            [.. RawMessage.Header(0x0100, 2, 0), .. question[12..], .. question[12..]],
            question[..^1],
            question[..20],
            [.. RawMessage.Header(0x0100, 1, 0), 0xC0, 12, 0, 1, 0, 1],
            [.. RawMessage.Header(0x0100, 1, 0), 1, (byte)'a', 0xC0, 12, 0, 1, 0, 1],
            [.. RawMessage.Header(0x0100, 1, 0), 64, .. new byte[64], 0, 0, 1, 0, 1],
            [.. RawMessage.Header(0x0100, 1, 0), .. Enumerable.Repeat((byte[])[63, .. Enumerable.Repeat((byte)'a', 63)], 4).SelectMany(x => x), 0, 0, 1, 0, 1],
            opt[..^1],
            Twice(opt),
            [.. opt[..question.Length], 1, (byte)'x', .. opt[question.Length..]],
        ];

        Assert.All(malformed, message => Assert.Equal(1, RawMessage.Code(Ask(message))));

        static byte[] Twice(byte[] opt)
        {
            byte[] message = [.. opt, .. opt[^11..]];
            message[11]++;
            return message;
        }
    }

    [Fact]
    public void The_longest_name_and_the_one_of_most_labels_are_read()
    {
        var labels = string.Join('.', Enumerable.Repeat("a", 127));
        var longest = string.Join('.', new string('a', 63), new string('b', 63), new string('c', 63), new string('d', 61));

        Assert.Equal(Outcome.Forward, Handle(RawMessage.Question(labels, A)));
        Assert.Equal(Outcome.Forward, Handle(RawMessage.Question(longest, A)));
        Assert.Equal(Outcome.Forward, Handle([.. RawMessage.Header(0x0100, 1, 0), 0, 0, 2, 0, 1]));
    }

    [Fact]
    public void Whatever_comes_is_taken_without_a_fault()
    {
        byte[][] seeds =
        [
            RawMessage.WithOpt(RawMessage.Question(Web, A)),
            RawMessage.WithOpt(RawMessage.Question("_http._tcp.many.shop.svc.cluster.local", 33), 512),
            RawMessage.Question("7.0.244.10.in-addr.arpa", 12),
            RawMessage.Question("10-244-0-1.shop.pod.cluster.local", 255),
            RawMessage.Question("elsewhere.shop.svc.cluster.local", A),
        ];
        var random = new Random(20261123);
        for (var i = 0; i < 200_000; i++)
        {
            var message = seeds[random.Next(seeds.Length)].AsSpan().ToArray();
            for (var changes = random.Next(1, 8); changes > 0; changes--)
            {
                message[random.Next(message.Length)] = random.Next(3) == 0 ? (byte)0xC0 : (byte)random.Next(256);
            }

            // Also cut off, and with something behind.
            message = random.Next(4) == 0 ? message[..random.Next(message.Length)] : random.Next(4) == 0 ? [.. message, .. message] : message;
            var outcome = _handler.Handle(message, _buffer, stream: random.Next(2) == 0, out var length);
            Assert.True(outcome != Outcome.Reply || (length >= 12 && RawMessage.Number(_buffer, 0) == RawMessage.Number(message, 0)));
        }
    }

    [Fact]
    public void Answers_about_the_cluster_allocate_nothing()
    {
        byte[][] questions =
        [
            RawMessage.WithOpt(RawMessage.Question(Web, A)),
            RawMessage.Question("db.shop.svc.cluster.local", A),
            RawMessage.Question("_sql._tcp.db.shop.svc.cluster.local", 33),
            RawMessage.Question("7.0.244.10.in-addr.arpa", 12),
            RawMessage.Question("10-244-0-1.shop.pod.cluster.local", A),
            RawMessage.Question("nobody.shop.svc.cluster.local", A),
        ];
        Run(1000);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Run(1000);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Run(int times)
        {
            for (var i = 0; i < times; i++)
            {
                foreach (var question in questions)
                {
                    _handler.Handle(question, _buffer, stream: false, out _);
                }
            }
        }
    }

    private byte[] Ask(byte[] message)
    {
        Assert.Equal(Outcome.Reply, _handler.Handle(message, _buffer, stream: false, out var length));
        return _buffer[..length];
    }

    private Outcome Handle(byte[] message) => _handler.Handle(message, _buffer, stream: false, out _);
}
