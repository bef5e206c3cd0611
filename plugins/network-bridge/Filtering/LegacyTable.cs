using System.Buffers.Binary;
using System.Text;

namespace Modular.Plugins.NetworkBridge.Filtering;

/// <summary>A rule of a legacy table: struct ipt_entry with what follows it. Each is itself, whatever its bytes.</summary>
internal sealed class LegacyEntry(byte[] bytes, int offset)
{
    private const int InterfaceOffset = 16;
    private const int NameLength = 16;
    private const int TargetOffset = 112;
    private const int TargetNameOffset = 2;
    private const int VerdictOffset = 32;
    private const int Length = TargetOffset + 40;
    private const int Accept = -2;
    private const int Drop = -1;

    public byte[] Bytes => bytes;

    /// <summary>Where it was in the table it was read from; negative if it is new.</summary>
    public int Offset => offset;

    public bool Drops => IsStandard && Verdict == Drop;

    /// <summary>Whether the target is a verdict or a jump.</summary>
    public bool IsStandard => bytes[Target + TargetNameOffset] == 0;

    /// <summary>What is done; from 0 on the offset of the rule that is next.</summary>
    public int Verdict
    {
        get => BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(Target + VerdictOffset));
        set => BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(Target + VerdictOffset), value);
    }

    private int Target => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(88));

    public static int LengthOf(ReadOnlySpan<byte> entry) => BinaryPrimitives.ReadUInt16LittleEndian(entry[90..]);

    /// <summary>A rule that accepts what comes from a link, or goes to it.</summary>
    public static LegacyEntry Accepting(string link, bool incoming)
    {
        var bytes = new byte[Length];
        var name = InterfaceOffset + (incoming ? 0 : NameLength);
        Encoding.ASCII.GetBytes(link, bytes.AsSpan(name));
        // The zero that closes the name is compared too.
        bytes.AsSpan(name + (2 * NameLength), link.Length + 1).Fill(0xff);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(88), TargetOffset);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(90), Length);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(TargetOffset), Length - TargetOffset);
        return new LegacyEntry(bytes, -1) { Verdict = Accept };
    }

    /// <summary>Whether it is a rule as <see cref="Accepting"/> makes it; the kernel may have noted something between the fields.</summary>
    public bool Accepts(string link) =>
        bytes.Length == Length && IsStandard && Verdict == Accept && (Matches(Accepting(link, incoming: true)) || Matches(Accepting(link, incoming: false)));

    private bool Matches(LegacyEntry other) => bytes.AsSpan(0, 84).SequenceEqual(other.Bytes.AsSpan(0, 84));
}

/// <summary>A table as the kernel hands it out: rules one behind the other, found by their offset.</summary>
internal sealed class LegacyTable
{
    private const int Hooks = 5;
    private const int Forward = 2;
    private readonly int _validHooks;
    private readonly int[] _first;
    private readonly int[] _last;

    private LegacyTable(int validHooks, int[] first, int[] last, List<LegacyEntry> entries) => (_validHooks, _first, _last, Entries) = (validHooks, first, last, entries);

    public List<LegacyEntry> Entries { get; }

    /// <summary>Whether the chain FORWARD drops what none of its rules decides about.</summary>
    public bool DropsForwarded => Entries.Exists(entry => entry.Offset == _last[Forward] && entry.Drops);

    /// <param name="info">struct ipt_getinfo from its valid_hooks on.</param>
    /// <param name="entries">The rules.</param>
    public static LegacyTable Parse(ReadOnlySpan<byte> info, ReadOnlySpan<byte> entries)
    {
        var (first, last) = (new int[Hooks], new int[Hooks]);
        for (var i = 0; i < Hooks; i++)
        {
            first[i] = BinaryPrimitives.ReadInt32LittleEndian(info[(4 + (4 * i))..]);
            last[i] = BinaryPrimitives.ReadInt32LittleEndian(info[(24 + (4 * i))..]);
        }

        var list = new List<LegacyEntry>();
        for (var offset = 0; offset < entries.Length;)
        {
            var length = LegacyEntry.LengthOf(entries[offset..]);
            list.Add(new LegacyEntry(entries.Slice(offset, length).ToArray(), offset));
            offset += length;
        }

        return new LegacyTable(BinaryPrimitives.ReadInt32LittleEndian(info), first, last, list);
    }

    /// <summary>How many rules there are for a link.</summary>
    public int CountAccepted(string link) => Entries.Count(entry => entry.Accepts(link));

    public LegacyTable Without(string link) => new(_validHooks, _first, _last, [.. Entries.Where(entry => !entry.Accepts(link))]);

    /// <summary>With rules for a link at the head of FORWARD.</summary>
    public LegacyTable With(string link)
    {
        var head = Entries.FindIndex(entry => entry.Offset >= _first[Forward]);
        List<LegacyEntry> entries = [.. Entries];
        entries.InsertRange(head, [LegacyEntry.Accepting(link, incoming: true), LegacyEntry.Accepting(link, incoming: false)]);
        return new(_validHooks, _first, _last, entries);
    }

    /// <summary>struct ipt_replace with the rules, all offsets put right.</summary>
    /// <param name="counters">How many rules there are now.</param>
    /// <param name="oldCounters">Where the kernel is to write how far they counted.</param>
    public byte[] Replacement(int counters, nint oldCounters)
    {
        const int headerLength = 96;
        var size = Entries.Sum(entry => entry.Bytes.Length);
        var request = new byte[headerLength + size];
        var header = request.AsSpan();
        BinaryPrimitives.WriteInt32LittleEndian(header[32..], _validHooks);
        BinaryPrimitives.WriteInt32LittleEndian(header[36..], Entries.Count);
        BinaryPrimitives.WriteInt32LittleEndian(header[40..], size);
        for (var i = 0; i < Hooks; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(header[(44 + (4 * i))..], Moved(_first[i], isFirst: true));
            BinaryPrimitives.WriteInt32LittleEndian(header[(64 + (4 * i))..], Moved(_last[i]));
        }

        BinaryPrimitives.WriteInt32LittleEndian(header[84..], counters);
        BinaryPrimitives.WriteInt64LittleEndian(header[88..], oldCounters);
        var position = headerLength;
        foreach (var entry in Entries)
        {
            var copy = new LegacyEntry([.. entry.Bytes], entry.Offset);
            if (copy is { IsStandard: true, Verdict: >= 0 })
            {
                copy.Verdict = Moved(copy.Verdict);
            }

            copy.Bytes.CopyTo(request, position);
            position += copy.Bytes.Length;
        }

        return request;
    }

    // Where the rule of an old offset is now, or the one that took its place; a chain's first may be one of the new ones before it.
    private int Moved(int offset, bool isFirst = false)
    {
        var position = 0;
        var before = 0;
        foreach (var entry in Entries)
        {
            if (entry.Offset >= offset)
            {
                return isFirst ? position - before : position;
            }

            position += entry.Bytes.Length;
            before = entry.Offset < 0 ? before + entry.Bytes.Length : 0;
        }

        return offset;
    }
}
