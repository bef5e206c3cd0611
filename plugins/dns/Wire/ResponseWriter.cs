using System.Buffers.Binary;

namespace Modular.Plugins.Dns.Wire;

/// <summary>
/// Writes an answer into a buffer: header, the question byte by byte as it was asked (so that upper and lower case come back as they were),
/// records, OPT. A record that does not fit is left out, and the answer says that it is cut.
/// </summary>
internal ref struct ResponseWriter
{
    private readonly Span<byte> _buffer;
    private readonly int _limit;
    private ushort _flags;
    private ushort _answers;
    private ushort _authorities;
    private ushort _additional;
    private ResponseCode _code;

    /// <summary>Begins an answer with the question that was asked.</summary>
    public ResponseWriter(Span<byte> buffer, int limit, in DnsQuery query)
    {
        _buffer = buffer;
        _flags = (ushort)(MessageHeader.Response | MessageHeader.RecursionAvailable
            | (query.Flags & (MessageHeader.RecursionDesired | MessageHeader.CheckingDisabled)));
        _limit = Math.Min(limit, buffer.Length) - (query.HasEdns ? MessageHeader.OptSize : 0);
        query.Message[..query.QuestionEnd].CopyTo(buffer);
        Position = query.QuestionEnd;
    }

    /// <summary>Where the next record goes.</summary>
    public int Position { get; private set; }

    /// <summary>True if something had to be left out.</summary>
    public readonly bool IsCut => (_flags & MessageHeader.Truncated) != 0;

    public void SetAuthoritative() => _flags |= MessageHeader.Authoritative;

    public void SetAuthenticData() => _flags |= MessageHeader.AuthenticData;

    public void SetCut() => _flags |= MessageHeader.Truncated;

    public void SetCode(ResponseCode code) => _code = code;

    /// <summary>Adds a record to the answers.</summary>
    public bool TryAnswer(ushort owner, ushort type, uint timeToLive, scoped ReadOnlySpan<byte> data)
    {
        if (!TryRecord(owner, type, timeToLive, data))
        {
            SetCut();
            return false;
        }

        _answers++;
        return true;
    }

    /// <summary>Adds a service's place to the answers.</summary>
    public bool TryService(ushort owner, uint timeToLive, ushort weight, ushort port, scoped ReadOnlySpan<byte> target)
    {
        const int Numbers = 6;
        var start = Position;
        if (!TryRecord(owner, RecordType.Srv, timeToLive, Numbers + target.Length))
        {
            SetCut();
            return false;
        }

        var data = _buffer[(start + 2 + MessageHeader.RecordTail)..];
        BinaryPrimitives.WriteUInt16BigEndian(data, 0);
        BinaryPrimitives.WriteUInt16BigEndian(data[2..], weight);
        BinaryPrimitives.WriteUInt16BigEndian(data[4..], port);
        target.CopyTo(data[Numbers..]);
        _answers++;
        return true;
    }

    /// <summary>Adds a record to those that say who is responsible.</summary>
    public void TryAuthority(ushort owner, ushort type, uint timeToLive, scoped ReadOnlySpan<byte> data)
    {
        if (TryRecord(owner, type, timeToLive, data))
        {
            _authorities++;
        }
    }

    /// <summary>Adds a record that spares the client a question. It may be missing without a word.</summary>
    public bool TryAdditional(ushort owner, ushort type, uint timeToLive, scoped ReadOnlySpan<byte> data)
    {
        if (!TryRecord(owner, type, timeToLive, data))
        {
            return false;
        }

        _additional++;
        return true;
    }

    /// <summary>Adds a record whose owner is written out to the answers.</summary>
    public bool TryAnswer(scoped ReadOnlySpan<byte> owner, ushort type, uint timeToLive, scoped ReadOnlySpan<byte> data)
    {
        if (Position + owner.Length + MessageHeader.RecordTail + data.Length > _limit)
        {
            SetCut();
            return false;
        }

        owner.CopyTo(_buffer[Position..]);
        Position += owner.Length;
        WriteTail(type, timeToLive, data.Length);
        data.CopyTo(_buffer[Position..]);
        Position += data.Length;
        _answers++;
        return true;
    }

    /// <summary>Takes over the records of another answer to the same question, whose names may point into it.</summary>
    public bool TryRecords(scoped ReadOnlySpan<byte> records, ushort answers, ushort authorities, ushort additional)
    {
        if (Position + records.Length > _limit)
        {
            SetCut();
            return false;
        }

        records.CopyTo(_buffer[Position..]);
        Position += records.Length;
        _answers += answers;
        _authorities += authorities;
        _additional += additional;
        return true;
    }

    /// <summary>Takes seconds off a time to live that was written.</summary>
    public readonly void AgeAt(int position, uint age)
    {
        var field = _buffer.Slice(position, sizeof(uint));
        var left = BinaryPrimitives.ReadUInt32BigEndian(field);
        BinaryPrimitives.WriteUInt32BigEndian(field, left > age ? left - age : 0);
    }

    /// <summary>Writes what stands at the end and at the beginning. Answers the message's length.</summary>
    public int Finish(in DnsQuery query)
    {
        if (query.HasEdns)
        {
            WriteOpt(query.DnssecOk);
        }

        BinaryPrimitives.WriteUInt16BigEndian(_buffer[2..], (ushort)(_flags | ((int)_code & MessageHeader.CodeMask)));
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[4..], 1);
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[6..], _answers);
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[8..], _authorities);
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[10..], _additional);
        return Position;
    }

    /// <summary>Answers a message whose question could not be read: the header alone.</summary>
    public static int WriteHeaderOnly(ReadOnlySpan<byte> request, Span<byte> buffer, ResponseCode code)
    {
        buffer[..MessageHeader.Size].Clear();
        request[..2].CopyTo(buffer);
        var flags = BinaryPrimitives.ReadUInt16BigEndian(request[2..]) & (MessageHeader.OpcodeMask | MessageHeader.RecursionDesired);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], (ushort)(flags | MessageHeader.Response | (int)code));
        return MessageHeader.Size;
    }

    private bool TryRecord(ushort owner, ushort type, uint timeToLive, scoped ReadOnlySpan<byte> data)
    {
        var start = Position;
        if (!TryRecord(owner, type, timeToLive, data.Length))
        {
            return false;
        }

        data.CopyTo(_buffer[(start + 2 + MessageHeader.RecordTail)..]);
        return true;
    }

    private bool TryRecord(ushort owner, ushort type, uint timeToLive, int dataLength)
    {
        if (Position + 2 + MessageHeader.RecordTail + dataLength > _limit)
        {
            return false;
        }

        BinaryPrimitives.WriteUInt16BigEndian(_buffer[Position..], owner);
        Position += 2;
        WriteTail(type, timeToLive, dataLength);
        Position += dataLength;
        return true;
    }

    private void WriteTail(ushort type, uint timeToLive, int dataLength)
    {
        var tail = _buffer.Slice(Position, MessageHeader.RecordTail);
        BinaryPrimitives.WriteUInt16BigEndian(tail, type);
        BinaryPrimitives.WriteUInt16BigEndian(tail[2..], RecordClass.Internet);
        BinaryPrimitives.WriteUInt32BigEndian(tail[4..], timeToLive);
        BinaryPrimitives.WriteUInt16BigEndian(tail[8..], (ushort)dataLength);
        Position += MessageHeader.RecordTail;
    }

    private void WriteOpt(bool dnssecOk)
    {
        var opt = _buffer.Slice(Position, MessageHeader.OptSize);
        opt.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(opt[1..], RecordType.Opt);
        BinaryPrimitives.WriteUInt16BigEndian(opt[3..], MessageHeader.LargestPayload);
        opt[5] = (byte)((int)_code >> 4);
        BinaryPrimitives.WriteUInt16BigEndian(opt[7..], dnssecOk ? MessageHeader.DnssecOk : (ushort)0);
        Position += MessageHeader.OptSize;
        _additional++;
    }
}
