using System.Buffers.Binary;
using Modular.Plugins.Dns.Wire;

namespace Modular.Plugins.Dns.Forwarding;

/// <summary>What another server answered: checked in full when it was read, without its OPT record, and never changed afterwards.</summary>
internal sealed class UpstreamAnswer
{
    private const int TimeToLiveInTail = 4;

    private readonly byte[] _message;
    private readonly List<int> _timesToLive;
    private readonly ushort _answers;
    private readonly ushort _authorities;
    private readonly ushort _additional;

    private UpstreamAnswer(
        UpstreamQuestion question, byte[] message, List<int> timesToLive, (ushort Answers, ushort Authorities, ushort Additional) counts, uint keep)
    {
        Question = question;
        _message = message;
        _timesToLive = timesToLive;
        (_answers, _authorities, _additional) = counts;
        TimeToLive = keep;
    }

    public UpstreamQuestion Question { get; }

    public ResponseCode Code => (ResponseCode)(Flags & MessageHeader.CodeMask);

    /// <summary>The answer did not fit; the whole is to be had over TCP.</summary>
    public bool IsCut => (Flags & MessageHeader.Truncated) != 0;

    /// <summary>How many seconds it may be kept; 0 if it says nothing of it.</summary>
    public uint TimeToLive { get; }

    private ushort Flags => BinaryPrimitives.ReadUInt16BigEndian(_message.AsSpan(2));

    /// <summary>Reads a message. Null if it is malformed or no answer to this question with this id.</summary>
    public static UpstreamAnswer? Read(ReadOnlySpan<byte> message, UpstreamQuestion question, ushort id)
    {
        if (message.Length < question.End
            || BinaryPrimitives.ReadUInt16BigEndian(message) != id
            || (BinaryPrimitives.ReadUInt16BigEndian(message[2..]) & (MessageHeader.Response | MessageHeader.OpcodeMask)) != MessageHeader.Response
            || BinaryPrimitives.ReadUInt16BigEndian(message[4..]) != 1
            || !IsQuestion(message[MessageHeader.Size..question.End], question.Key))
        {
            return null;
        }

        var counts = (
            Answers: BinaryPrimitives.ReadUInt16BigEndian(message[6..]),
            Authorities: BinaryPrimitives.ReadUInt16BigEndian(message[8..]),
            Additional: BinaryPrimitives.ReadUInt16BigEndian(message[10..]));
        var timesToLive = new List<int>();
        var keep = uint.MaxValue;
        var at = question.End;
        for (var i = 0; i < counts.Answers + counts.Authorities + counts.Additional; i++)
        {
            var start = at;
            if (!WireName.TrySkip(message, ref at) || at + MessageHeader.RecordTail > message.Length)
            {
                return null;
            }

            var tail = message[at..];
            var end = at + MessageHeader.RecordTail + BinaryPrimitives.ReadUInt16BigEndian(tail[8..]);
            if (end > message.Length)
            {
                return null;
            }

            var type = BinaryPrimitives.ReadUInt16BigEndian(tail);
            if (type == RecordType.Opt)
            {
                if (tail[4] != 0 || i < counts.Answers + counts.Authorities)
                {
                    // An error that only EDNS has a number for, or a record where it must not be.
                    return null;
                }

                // It comes last by custom; what still follows adds to the answer and is not needed for it.
                counts.Additional = (ushort)(i - counts.Answers - counts.Authorities);
                message = message[..start];
                break;
            }

            var timeToLive = BinaryPrimitives.ReadUInt32BigEndian(tail[TimeToLiveInTail..]);
            if (type == RecordType.Soa && i >= counts.Answers && end - at >= MessageHeader.RecordTail + 4)
            {
                // How long something is not there stands at the very end.
                timeToLive = Math.Min(timeToLive, BinaryPrimitives.ReadUInt32BigEndian(message[(end - 4)..]));
            }

            keep = Math.Min(keep, timeToLive);
            timesToLive.Add(at + TimeToLiveInTail);
            at = end;
        }

        return new UpstreamAnswer(question, message[..Math.Min(message.Length, at)].ToArray(), timesToLive, counts, timesToLive.Count == 0 ? 0 : keep);
    }

    /// <summary>Writes it as the answer to a client that asked for the same name. Times to live count from when it came.</summary>
    public void WriteTo(scoped ref ResponseWriter writer, uint age)
    {
        WriteFlagsTo(ref writer);
        var records = writer.Position;
        var recordBytes = _message.AsSpan(Question.End);
        if (!writer.TryRecords(recordBytes, _answers, _authorities, _additional))
        {
            return;
        }

        foreach (var at in _timesToLive)
        {
            writer.AgeAt(records + at - Question.End, age);
        }
    }

    /// <summary>Adds its answers to one that led to this name.</summary>
    public void AppendAnswersTo(scoped ref ResponseWriter writer)
    {
        WriteFlagsTo(ref writer);
        Span<byte> owner = stackalloc byte[WireName.MaxLength];
        var at = Question.End;
        for (var i = 0; i < _answers; i++)
        {
            if (!WireName.TryExpand(_message, ref at, owner, out var ownerLength))
            {
                writer.SetCode(ResponseCode.ServerFailure);
                return;
            }

            var tail = _message.AsSpan(at);
            var type = BinaryPrimitives.ReadUInt16BigEndian(tail);
            var length = BinaryPrimitives.ReadUInt16BigEndian(tail[8..]);
            var start = at + MessageHeader.RecordTail;
            at = start + length;
            if (!TryWriteRecord(ref writer, owner[..ownerLength], type, BinaryPrimitives.ReadUInt32BigEndian(tail[TimeToLiveInTail..]), start, length))
            {
                return;
            }
        }
    }

    private bool TryWriteRecord(
        scoped ref ResponseWriter writer, scoped ReadOnlySpan<byte> owner, ushort type, uint timeToLive, int start, int length)
    {
        // Data that may hold a name which points to elsewhere in the message it came in.
        var beforeName = type switch
        {
            RecordType.CName or RecordType.Ptr or RecordType.NS => 0,
            RecordType.Mx => 2,
            RecordType.Srv => 6,
            _ => -1,
        };
        if (beforeName < 0)
        {
            return writer.TryAnswer(owner, type, timeToLive, _message.AsSpan(start, length));
        }

        Span<byte> data = stackalloc byte[6 + WireName.MaxLength];
        var name = start + beforeName;
        if (beforeName > length || !WireName.TryExpand(_message, ref name, data[beforeName..], out var nameLength))
        {
            writer.SetCode(ResponseCode.ServerFailure);
            return false;
        }

        _message.AsSpan(start, beforeName).CopyTo(data);
        return writer.TryAnswer(owner, type, timeToLive, data[..(beforeName + nameLength)]);
    }

    private void WriteFlagsTo(scoped ref ResponseWriter writer)
    {
        writer.SetCode(Code);
        if (IsCut)
        {
            writer.SetCut();
        }

        if ((Flags & MessageHeader.AuthenticData) != 0)
        {
            writer.SetAuthenticData();
        }
    }

    private static bool IsQuestion(ReadOnlySpan<byte> asked, byte[] key)
    {
        for (var i = 0; i < asked.Length; i++)
        {
            var equal = i < asked.Length - MessageHeader.QuestionTail ? WireName.Lower(asked[i]) == key[i] : asked[i] == key[i];
            if (!equal)
            {
                return false;
            }
        }

        return true;
    }
}
