using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Modular.Plugins.NetworkBridge.Netlink;

namespace Modular.Plugins.NetworkBridge.Filtering;

/// <summary>Changes of nf_tables that the kernel makes all at once or not at all.</summary>
internal sealed class FilterChanges
{
    private const int TableName = 1;
    private const int ChainTable = 1;
    private const int ChainNameAttribute = 3;
    private const int ChainHook = 4;
    private const int ChainPolicy = 5;
    private const int ChainType = 7;
    private const int HookNumber = 1;
    private const int HookPriority = 2;
    private const int RuleTable = 1;
    private const int RuleChain = 2;
    private const int RuleHandle = 3;
    private const int RuleExpressions = 4;
    private const int RuleNote = 7;
    private readonly List<NetlinkMessage> _messages = [Boundary(FilterMessage.BeginBatch)];

    /// <summary>Makes sure that a table is there.</summary>
    public FilterChanges Table(FilterFamily family, string name) =>
        Add(Message(FilterMessage.NewTable, RequestFlags.Create, family).Attribute(TableName, name));

    public FilterChanges DeleteTable(FilterFamily family, string name) =>
        Add(Message(FilterMessage.DeleteTable, 0, family).Attribute(TableName, name));

    /// <summary>Makes sure that a chain is there which others jump to.</summary>
    public FilterChanges Chain(ChainName chain) =>
        Add(Message(FilterMessage.NewChain, RequestFlags.Create, chain.Family).Attribute(ChainTable, chain.Table).Attribute(ChainNameAttribute, chain.Chain));

    /// <summary>Makes sure that a chain is there which packets come through by themselves.</summary>
    public FilterChanges Chain(BaseChain chain, int priority) =>
        Add(Message(FilterMessage.NewChain, RequestFlags.Create, chain.Name.Family)
            .Attribute(ChainTable, chain.Name.Table).Attribute(ChainNameAttribute, chain.Name.Chain)
            .Nest(ChainHook, hook => hook.NetworkOrder(HookNumber, (int)chain.Hook).NetworkOrder(HookPriority, priority))
            .NetworkOrder(ChainPolicy, chain.Drops ? 0 : 1)
            .Attribute(ChainType, chain.Type));

    /// <summary>Removes all rules of a chain.</summary>
    public FilterChanges Clear(ChainName chain) =>
        Add(Message(FilterMessage.DeleteRule, 0, chain.Family).Attribute(RuleTable, chain.Table).Attribute(RuleChain, chain.Chain));

    /// <summary>Puts a rule behind the others.</summary>
    public FilterChanges Append(ChainName chain, RuleBuilder rule) => Rule(chain, rule, RequestFlags.Create | RequestFlags.Append);

    /// <summary>Puts a rule before the others.</summary>
    public FilterChanges Insert(ChainName chain, RuleBuilder rule) => Rule(chain, rule, RequestFlags.Create);

    public FilterChanges Delete(RuleEntry rule) =>
        Add(Message(FilterMessage.DeleteRule, 0, rule.Chain.Family)
            .Attribute(RuleTable, rule.Chain.Table).Attribute(RuleChain, rule.Chain.Chain).NetworkOrder(RuleHandle, rule.Handle));

    /// <exception cref="NetlinkException">Nothing was changed.</exception>
    public void Commit(string what)
    {
        _messages.Add(Boundary(FilterMessage.EndBatch));
        using var socket = NetlinkSocket.Open(NetlinkProtocol.Netfilter);
        socket.DoAll(what, _messages);
    }

    /// <summary>A request outside of a batch.</summary>
    public static NetlinkMessage Question(ushort type, FilterFamily family) => new NetlinkMessage(type, RequestFlags.Dump).Fixed(new FilterHeader { Family = (byte)family });

    private FilterChanges Rule(ChainName chain, RuleBuilder rule, RequestFlags flags)
    {
        var message = Message(FilterMessage.NewRule, flags, chain.Family).Attribute(RuleTable, chain.Table).Attribute(RuleChain, chain.Chain);
        rule.WriteTo(message, RuleExpressions);
        if (rule.Comment.Length > 0)
        {
            // A list of entries, each with type and length in a byte; type 0 is the comment.
            var text = Encoding.UTF8.GetBytes(rule.Comment);
            message.Attribute(RuleNote, [0, (byte)(text.Length + 1), .. text, 0]);
        }

        return Add(message);
    }

    private FilterChanges Add(NetlinkMessage message)
    {
        _messages.Add(message);
        return this;
    }

    private static NetlinkMessage Message(ushort type, RequestFlags flags, FilterFamily family) =>
        new NetlinkMessage(type, flags | RequestFlags.Acknowledge).Fixed(new FilterHeader { Family = (byte)family });

    private static NetlinkMessage Boundary(ushort type) =>
        new NetlinkMessage(type, 0).Fixed(new FilterHeader { Resource = BinaryPrimitives.ReverseEndianness(FilterMessage.SubsystemId) });
}

/// <summary>struct nfgenmsg: the fixed part of messages about netfilter.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FilterHeader
{
    public byte Family;
    public byte Version;
    public ushort Resource;
}
