using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Modular.Plugins.NetworkBridge.Netlink;

namespace Modular.Plugins.NetworkBridge.Filtering;

/// <summary>What nf_tables has, whoever made it.</summary>
internal static class FilterTables
{
    private const int TableName = 1;
    private const int ChainNameAttribute = 3;
    private const int ChainHook = 4;
    private const int ChainPolicy = 5;
    private const int ChainType = 7;
    private const int HookNumber = 1;
    private const int RuleChain = 2;
    private const int RuleHandle = 3;
    private const int RuleNote = 7;

    /// <summary>The chains that IPv4 packets come through by themselves.</summary>
    /// <exception cref="NetlinkException">This kernel has no nf_tables, or they may not be looked at.</exception>
    public static IReadOnlyList<BaseChain> BaseChains() => [.. BaseChains(FilterFamily.IPv4), .. BaseChains(FilterFamily.Inet)];

    /// <summary>The chains of a family that packets come through by themselves.</summary>
    /// <exception cref="NetlinkException">This kernel has no nf_tables, or they may not be looked at.</exception>
    public static IReadOnlyList<BaseChain> BaseChains(FilterFamily family)
    {
        using var socket = NetlinkSocket.Open(NetlinkProtocol.Netfilter);
        return socket.Ask("packet filter chains", FilterChanges.Question(FilterMessage.GetChain, family), body => ParseChain(family, body));
    }

    /// <summary>The rules of a chain, in their order; none if there is no such chain.</summary>
    public static IReadOnlyList<RuleEntry> Rules(ChainName chain)
    {
        using var socket = NetlinkSocket.Open(NetlinkProtocol.Netfilter);
        var question = FilterChanges.Question(FilterMessage.GetRule, chain.Family).Attribute(TableName, chain.Table).Attribute(RuleChain, chain.Chain);
        try
        {
            return socket.Ask("packet filter rules", question, body => ParseRule(chain, body));
        }
        catch (NetlinkException exception) when (exception.Error == Errno.NotFound)
        {
            return [];
        }
    }

    private static BaseChain? ParseChain(FilterFamily family, ReadOnlySpan<byte> body)
    {
        var (table, name, type, hook, drops) = ("", "", "", -1, false);
        var attributes = new AttributeReader(body[Marshal.SizeOf<FilterHeader>()..]);
        while (attributes.Read())
        {
            switch (attributes.Type)
            {
                case TableName:
                    table = attributes.Text;
                    break;
                case ChainNameAttribute:
                    name = attributes.Text;
                    break;
                case ChainType:
                    type = attributes.Text;
                    break;
                case ChainPolicy:
                    drops = attributes.NetworkOrder == 0;
                    break;
                case ChainHook:
                    var parts = new AttributeReader(attributes.Value);
                    while (parts.Read())
                    {
                        hook = parts.Type == HookNumber ? parts.NetworkOrder : hook;
                    }

                    break;
                default:
                    break;
            }
        }

        return hook < 0 ? null : new BaseChain(new ChainName(family, table, name), (FilterHook)hook, type, drops);
    }

    private static RuleEntry? ParseRule(ChainName chain, ReadOnlySpan<byte> body)
    {
        var (table, name, comment, handle) = ("", "", "", 0L);
        var attributes = new AttributeReader(body[Marshal.SizeOf<FilterHeader>()..]);
        while (attributes.Read())
        {
            switch (attributes.Type)
            {
                case TableName:
                    table = attributes.Text;
                    break;
                case RuleChain:
                    name = attributes.Text;
                    break;
                case RuleHandle:
                    handle = BinaryPrimitives.ReadInt64BigEndian(attributes.Value);
                    break;
                case RuleNote:
                    comment = Comment(attributes.Value);
                    break;
                default:
                    break;
            }
        }

        // Old kernels answer with the rules of all chains.
        return table == chain.Table && name == chain.Chain ? new RuleEntry(chain, handle, comment) : null;
    }

    private static string Comment(ReadOnlySpan<byte> note)
    {
        while (note.Length >= 2 && note.Length >= 2 + note[1])
        {
            if (note[0] == 0)
            {
                return Encoding.UTF8.GetString(note.Slice(2, note[1]).TrimEnd((byte)0));
            }

            note = note[(2 + note[1])..];
        }

        return "";
    }
}
