using Modular.Plugins.Dns.Forwarding;
using Modular.Plugins.Dns.Records;
using Modular.Plugins.Dns.Wire;

namespace Modular.Plugins.Dns.Answering;

/// <summary>
/// Answers questions from the table, without an allocation. Addresses are given in turns, a different one first each time, because many
/// clients take the first. Each thread has a responder of its own.
/// </summary>
internal sealed class Responder(RecordTable table, Zone zone)
{
    /// <summary>How many aliases are followed from one to the next.</summary>
    private const int LongestChain = 8;

    private const int PodLabels = 3;

    private uint _turn;

    /// <summary>
    /// Answers a question that was read. <paramref name="limit"/> is the longest answer the client takes; <paramref name="alias"/> what
    /// another server said of the name that an earlier try led to.
    /// </summary>
    public Answer Respond(in DnsQuery query, Span<byte> buffer, int limit, UpstreamAnswer? alias = null)
    {
        if (query.EdnsVersion != 0)
        {
            return Reply(query, buffer, limit, ResponseCode.BadVersion);
        }

        if (query.Class is not (RecordClass.Internet or RecordClass.Any)
            || query.Type is RecordType.Opt or (>= RecordType.FirstTransfer and <= RecordType.LastTransfer))
        {
            return Reply(query, buffer, limit, ResponseCode.Refused);
        }

        var owned = zone.Owns(query, out var zoneLabel);
        var records = table.Find(query.Name);
        if (records is null && !owned)
        {
            return Answer.Forward;
        }

        if (!table.IsComplete)
        {
            return Reply(query, buffer, limit, ResponseCode.ServerFailure);
        }

        var writer = new ResponseWriter(buffer, limit, query);
        writer.SetAuthoritative();
        if (records is { Alias.Length: > 0 } && query.Type != RecordType.CName)
        {
            return FollowAliases(ref writer, query, records, zoneLabel, alias);
        }

        var found = records is null
            ? WritePod(ref writer, query)
            : Write(ref writer, query, MessageHeader.QuestionPointer, records, zoneLabel, owned);
        if (found != Found.Records)
        {
            writer.SetCode(found == Found.NoName ? ResponseCode.NameError : ResponseCode.NoError);
            WriteAuthority(ref writer, query, zoneLabel);
        }

        return Answer.Reply(writer.Finish(query));
    }

    /// <summary>Answers with a code alone.</summary>
    public static Answer Reply(in DnsQuery query, Span<byte> buffer, int limit, ResponseCode code)
    {
        var writer = new ResponseWriter(buffer, limit, query);
        writer.SetCode(code);
        return Answer.Reply(writer.Finish(query));
    }

    private enum Found
    {
        NoName,
        NoRecords,
        Records,
    }

    private Found Write(
        scoped ref ResponseWriter writer, in DnsQuery query, ushort owner, NameRecords records, int zoneLabel, bool owned)
    {
        var start = writer.Position;
        var any = query.Type == RecordType.Any;
        if (records.Alias.Length > 0)
        {
            writer.TryAnswer(owner, RecordType.CName, zone.TimeToLive, records.Alias);
        }

        if (query.Type == RecordType.A || any)
        {
            WriteAddresses(ref writer, owner, RecordType.A, records.Addresses4, 4);
        }

        if (query.Type == RecordType.Aaaa || any)
        {
            WriteAddresses(ref writer, owner, RecordType.Aaaa, records.Addresses6, 16);
        }

        if (query.Type == RecordType.Srv || any)
        {
            WritePlaces(ref writer, owner, records.Places);
        }

        if (query.Type == RecordType.Ptr || any)
        {
            WriteNames(ref writer, owner, RecordType.Ptr, records.Pointers);
        }

        if (query.Type == RecordType.NS || any)
        {
            WriteNames(ref writer, owner, RecordType.NS, records.NameServers);
        }

        if ((query.Type == RecordType.Txt || any) && records.Text.Length > 0)
        {
            writer.TryAnswer(owner, RecordType.Txt, zone.TimeToLive, records.Text);
        }

        if ((query.Type == RecordType.Soa || any) && owned && zoneLabel == 0)
        {
            writer.TryAnswer(owner, RecordType.Soa, zone.TimeToLive, zone.Authority);
        }

        return writer.Position > start || writer.IsCut ? Found.Records : Found.NoRecords;
    }

    private void WriteAddresses(scoped ref ResponseWriter writer, ushort owner, ushort type, ReadOnlySpan<byte> addresses, int size)
    {
        var count = addresses.Length / size;
        if (count == 0)
        {
            return;
        }

        var first = count == 1 ? 0 : (int)(_turn++ % (uint)count);
        for (var i = 0; i < count; i++)
        {
            var index = first + i < count ? first + i : first + i - count;
            if (!writer.TryAnswer(owner, type, zone.TimeToLive, addresses.Slice(index * size, size)))
            {
                return;
            }
        }
    }

    private void WriteNames(scoped ref ResponseWriter writer, ushort owner, ushort type, byte[][] names)
    {
        foreach (var name in names)
        {
            writer.TryAnswer(owner, type, zone.TimeToLive, name);
        }
    }

    /// <summary>Writes where a port is, and the addresses of those names as far as there is room.</summary>
    private void WritePlaces(scoped ref ResponseWriter writer, ushort owner, ServicePlace[] places)
    {
        if (places.Length == 0)
        {
            return;
        }

        var weight = (ushort)Math.Max(1, 100 / places.Length);
        var first = (int)(_turn++ % (uint)places.Length);
        var firstRecord = writer.Position;
        for (var i = 0; i < places.Length; i++)
        {
            var place = places[(first + i) % places.Length];
            if (!writer.TryService(owner, zone.TimeToLive, weight, place.Port, place.Target))
            {
                return;
            }
        }

        const int BeforeTarget = 2 + MessageHeader.RecordTail + 6;
        var position = firstRecord;
        for (var i = 0; i < places.Length && position + BeforeTarget < 0x4000; i++)
        {
            var target = places[(first + i) % places.Length].Target;
            var targetName = (ushort)(0xC000 | (position + BeforeTarget));
            position += BeforeTarget + target.Length;
            if (table.Find(target) is { } records && !WriteAdditional(ref writer, targetName, records))
            {
                return;
            }
        }
    }

    private bool WriteAdditional(scoped ref ResponseWriter writer, ushort owner, NameRecords records)
    {
        for (var at = 0; at < records.Addresses4.Length; at += 4)
        {
            if (!writer.TryAdditional(owner, RecordType.A, zone.TimeToLive, records.Addresses4.AsSpan(at, 4)))
            {
                return false;
            }
        }

        for (var at = 0; at < records.Addresses6.Length; at += 16)
        {
            if (!writer.TryAdditional(owner, RecordType.Aaaa, zone.TimeToLive, records.Addresses6.AsSpan(at, 16)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Answers with the address that a pod's name itself holds.</summary>
    private Found WritePod(scoped ref ResponseWriter writer, in DnsQuery query)
    {
        var labels = zone.LabelsBelow(query);
        if (labels is not (PodLabels or PodLabels - 1) || !query.Name[query.LabelOffset(labels - 1)..].SequenceEqual(zone.Pods))
        {
            return Found.NoName;
        }

        if (labels < PodLabels)
        {
            return Found.NoRecords;
        }

        Span<byte> address = stackalloc byte[16];
        if (!DashedAddress.TryRead(query.Label(0), address, out var length))
        {
            return Found.NoName;
        }

        var type = length == 4 ? RecordType.A : RecordType.Aaaa;
        if (query.Type != type && query.Type != RecordType.Any)
        {
            return Found.NoRecords;
        }

        writer.TryAnswer(MessageHeader.QuestionPointer, type, zone.TimeToLive, address[..length]);
        return Found.Records;
    }

    private Answer FollowAliases(scoped ref ResponseWriter writer, in DnsQuery query, NameRecords records, int zoneLabel, UpstreamAnswer? known)
    {
        var owner = MessageHeader.QuestionPointer;
        for (var followed = 0; followed < LongestChain; followed++)
        {
            var target = records.Alias;
            var targetAt = writer.Position + 2 + MessageHeader.RecordTail;
            if (!writer.TryAnswer(owner, RecordType.CName, zone.TimeToLive, target))
            {
                return Answer.Reply(writer.Finish(query));
            }

            owner = (ushort)(0xC000 | targetAt);
            if (table.Find(target) is not { } next)
            {
                return zone.Owns(target)
                    ? EndChain(ref writer, query, zoneLabel)
                    : known is not null && known.Question.Name.SequenceEqual(target)
                        ? Continue(ref writer, query, known)
                        : new Answer(Outcome.ForwardAlias, writer.Finish(query), target);
            }

            if (next.Alias.Length == 0)
            {
                if (Write(ref writer, query, owner, next, zoneLabel, owned: false) == Found.NoRecords)
                {
                    WriteAuthority(ref writer, query, zoneLabel);
                }

                return Answer.Reply(writer.Finish(query));
            }

            records = next;
        }

        writer.SetCode(ResponseCode.ServerFailure);
        return Answer.Reply(writer.Finish(query));
    }

    private Answer EndChain(scoped ref ResponseWriter writer, in DnsQuery query, int zoneLabel)
    {
        writer.SetCode(ResponseCode.NameError);
        WriteAuthority(ref writer, query, zoneLabel);
        return Answer.Reply(writer.Finish(query));
    }

    private static Answer Continue(scoped ref ResponseWriter writer, in DnsQuery query, UpstreamAnswer known)
    {
        known.AppendAnswersTo(ref writer);
        return Answer.Reply(writer.Finish(query));
    }

    private void WriteAuthority(scoped ref ResponseWriter writer, in DnsQuery query, int zoneLabel)
    {
        var owner = (ushort)(0xC000 | (MessageHeader.Size + query.LabelOffset(zoneLabel)));
        writer.TryAuthority(owner, RecordType.Soa, zone.TimeToLive, zone.Authority);
    }
}
