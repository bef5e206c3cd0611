using Modular.Plugins.Dns.Forwarding;
using Modular.Plugins.Dns.Records;
using Modular.Plugins.Dns.Wire;

namespace Modular.Plugins.Dns.Answering;

/// <summary>
/// Takes messages as they come from the network to answers: from the table, from what other servers said before, or from other servers.
/// Each thread or connection has one of its own.
/// </summary>
internal sealed class QuestionHandler(RecordTable table, Zone zone, Forwarder forwarder, DnsMetrics metrics)
{
    private readonly Responder _responder = new(table, zone);

    /// <summary>Answers at once if that is possible; otherwise the outcome says that it has to be forwarded.</summary>
    public Outcome Handle(ReadOnlySpan<byte> request, Span<byte> buffer, bool stream, out int length)
    {
        Span<byte> name = stackalloc byte[WireName.MaxLength];
        length = 0;
        switch (DnsQuery.Read(request, name, out var query))
        {
            case QueryReading.Nothing:
                return Outcome.Silence;
            case QueryReading.Malformed:
                length = Reject(request, buffer, ResponseCode.FormatError);
                return Outcome.Reply;
            case QueryReading.OtherOperation:
                length = Reject(request, buffer, ResponseCode.NotImplemented);
                return Outcome.Reply;
        }

        var limit = Limit(query, stream);
        var answer = _responder.Respond(query, buffer, limit);
        if (answer.Outcome == Outcome.Reply)
        {
            metrics.Answered(AnswerSource.Cluster, buffer);
            length = answer.Length;
            return Outcome.Reply;
        }

        Span<byte> key = stackalloc byte[UpstreamQuestion.MaxKeyLength];
        var asked = answer.Outcome == Outcome.Forward ? query.Name : answer.Alias;
        if (!forwarder.TryGetKept(key[..UpstreamQuestion.WriteKey(query, asked, key)], out var kept, out var age))
        {
            return answer.Outcome;
        }

        length = Write(query, buffer, limit, answer.Outcome, kept, age);
        metrics.Answered(AnswerSource.Cache, buffer);
        return Outcome.Reply;
    }

    /// <summary>Answers a message that is to be forwarded. What it answers is the answer's length.</summary>
    public async ValueTask<int> ForwardAsync(ReadOnlyMemory<byte> request, Memory<byte> buffer, bool stream)
    {
        var (question, outcome) = Question(request.Span, buffer.Span, stream);
        var answer = await forwarder.AskAsync(question).ConfigureAwait(false);
        return Finish(request.Span, buffer.Span, stream, outcome, answer);
    }

    private (UpstreamQuestion Question, Outcome Outcome) Question(ReadOnlySpan<byte> request, Span<byte> buffer, bool stream)
    {
        Span<byte> name = stackalloc byte[WireName.MaxLength];
        DnsQuery.Read(request, name, out var query);
        var answer = _responder.Respond(query, buffer, Limit(query, stream));
        Span<byte> key = stackalloc byte[UpstreamQuestion.MaxKeyLength];
        var asked = answer.Outcome == Outcome.ForwardAlias ? answer.Alias : query.Name;
        return (new UpstreamQuestion(key[..UpstreamQuestion.WriteKey(query, asked, key)].ToArray()), answer.Outcome);
    }

    private int Finish(ReadOnlySpan<byte> request, Span<byte> buffer, bool stream, Outcome outcome, UpstreamAnswer? answer)
    {
        Span<byte> name = stackalloc byte[WireName.MaxLength];
        DnsQuery.Read(request, name, out var query);
        var limit = Limit(query, stream);
        var length = answer is null
            ? Responder.Reply(query, buffer, limit, ResponseCode.ServerFailure).Length
            : Write(query, buffer, limit, outcome, answer, 0);
        metrics.Answered(AnswerSource.Upstream, buffer);
        return length;
    }

    private int Write(in DnsQuery query, Span<byte> buffer, int limit, Outcome outcome, UpstreamAnswer answer, uint age)
    {
        if (outcome == Outcome.ForwardAlias)
        {
            var whole = _responder.Respond(query, buffer, limit, answer);
            return whole.Outcome == Outcome.Reply
                ? whole.Length
                : Responder.Reply(query, buffer, limit, ResponseCode.ServerFailure).Length;
        }

        var writer = new ResponseWriter(buffer, limit, query);
        answer.WriteTo(ref writer, age);
        return writer.Finish(query);
    }

    private int Reject(ReadOnlySpan<byte> request, Span<byte> buffer, ResponseCode code)
    {
        var length = ResponseWriter.WriteHeaderOnly(request, buffer, code);
        metrics.Answered(AnswerSource.Cluster, buffer);
        return length;
    }

    private static int Limit(in DnsQuery query, bool stream) =>
        stream ? MessageHeader.LargestMessage : Math.Min(query.PayloadSize, MessageHeader.LargestPayload);
}
