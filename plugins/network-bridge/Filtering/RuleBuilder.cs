using System.Buffers.Binary;
using System.Net;
using System.Text;
using Modular.Plugins.NetworkBridge.Addressing;
using Modular.Plugins.NetworkBridge.Netlink;

namespace Modular.Plugins.NetworkBridge.Filtering;

/// <summary>
/// Writes a rule's expressions: conditions, which load something into the first register and compare it, then what is done. The kernel
/// stops at the first condition that does not hold.
/// </summary>
internal sealed class RuleBuilder
{
    private const int ListElement = 1;
    private const int ExpressionName = 1;
    private const int ExpressionData = 2;
    private const int Register = 1;
    private const int SecondRegister = 2;
    private const int VerdictRegister = 0;
    private const int SourceOffset = 12;
    private const int DestinationOffset = 16;
    private readonly List<Action<NetlinkMessage>> _expressions = [];

    public string Comment { get; private set; } = "";

    public RuleBuilder From(string link) => Meta(6).Compare(Name(link), equal: true);

    public RuleBuilder To(string link, bool equal = true) => Meta(7).Compare(Name(link), equal);

    public RuleBuilder FromRange(AddressRange range) => InRange(SourceOffset, range, equal: true);

    public RuleBuilder ToRange(AddressRange range, bool equal = true) => InRange(DestinationOffset, range, equal);

    /// <summary>Packets to any address of this machine.</summary>
    public RuleBuilder ToThisMachine()
    {
        Add("fib", data => data.NetworkOrder(1, Register).NetworkOrder(2, 3).NetworkOrder(3, 2));
        return Compare(MachineOrder(2), equal: true);
    }

    /// <summary>Packets whose destination a rule has changed.</summary>
    public RuleBuilder Redirected()
    {
        var redirected = MachineOrder(1 << 5);
        Add("ct", data => data.NetworkOrder(1, Register).NetworkOrder(2, 2));
        return Mask(redirected, 4).Compare(redirected, equal: true);
    }

    /// <summary>TCP or UDP packets to a port.</summary>
    public RuleBuilder ToPort(byte protocol, int port)
    {
        Meta(16).Compare([protocol], equal: true);
        Payload(header: 2, offset: 2, length: 2);
        return Compare(Port(port), equal: true);
    }

    /// <summary>Counts, as rules of iptables do.</summary>
    public RuleBuilder Count() => Add("counter", data => data.NetworkOrder(1, 0L).NetworkOrder(2, 0L));

    public RuleBuilder Accept() => Verdict(1);

    public RuleBuilder Drop() => Verdict(0);

    public RuleBuilder Jump(string chain) => Verdict(-3, chain);

    /// <summary>Replaces the source by this machine's address on the way out.</summary>
    public RuleBuilder Masquerade() => Add("masq", _ => { });

    /// <summary>Replaces the destination.</summary>
    public RuleBuilder Redirect(IPAddress address, int port)
    {
        Load(Register, address.GetAddressBytes());
        Load(SecondRegister, Port(port));
        return Add("nat", data => data.NetworkOrder(1, 1).NetworkOrder(2, (int)FilterFamily.IPv4).NetworkOrder(3, Register).NetworkOrder(5, SecondRegister));
    }

    /// <summary>A note of up to 200 bytes that listings show.</summary>
    public RuleBuilder Note(string comment)
    {
        Comment = comment;
        return this;
    }

    /// <summary>Appends the list of expressions as an attribute.</summary>
    public void WriteTo(NetlinkMessage message, int type) => message.Nest(type, list =>
    {
        foreach (var expression in _expressions)
        {
            list.Nest(ListElement, expression);
        }
    });

    private RuleBuilder InRange(int offset, AddressRange range, bool equal)
    {
        Payload(header: 1, offset, length: 4);
        return Mask(NetworkOrder(range.Mask), 4).Compare(NetworkOrder(range.First), equal);
    }

    private RuleBuilder Meta(int key) => Add("meta", data => data.NetworkOrder(1, Register).NetworkOrder(2, key));

    private RuleBuilder Payload(int header, int offset, int length) =>
        Add("payload", data => data.NetworkOrder(1, Register).NetworkOrder(2, header).NetworkOrder(3, offset).NetworkOrder(4, length));

    private RuleBuilder Mask(byte[] mask, int length) =>
        Add("bitwise", data => data.NetworkOrder(1, Register).NetworkOrder(2, Register).NetworkOrder(3, length)
            .Nest(4, value => value.Attribute(1, mask)).Nest(5, value => value.Attribute(1, new byte[length])));

    private RuleBuilder Compare(byte[] value, bool equal) =>
        Add("cmp", data => data.NetworkOrder(1, Register).NetworkOrder(2, equal ? 0 : 1).Nest(3, content => content.Attribute(1, value)));

    private RuleBuilder Load(int register, byte[] value) =>
        Add("immediate", data => data.NetworkOrder(1, register).Nest(2, content => content.Attribute(1, value)));

    private RuleBuilder Verdict(int code, string? chain = null) => Add("immediate", data => data.NetworkOrder(1, VerdictRegister).Nest(2, content => content.Nest(2, verdict =>
    {
        verdict.NetworkOrder(1, code);
        if (chain is not null)
        {
            verdict.Attribute(2, chain);
        }
    })));

    private RuleBuilder Add(string name, Action<NetlinkMessage> data)
    {
        _expressions.Add(expression => expression.Attribute(ExpressionName, name).Nest(ExpressionData, data));
        return this;
    }

    // With the zero that closes it: the whole name is compared.
    private static byte[] Name(string link)
    {
        var bytes = new byte[16];
        Encoding.ASCII.GetBytes(link, bytes);
        return bytes;
    }

    private static byte[] NetworkOrder(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] MachineOrder(uint value) => BitConverter.GetBytes(value);

    private static byte[] Port(int port) => [(byte)(port >> 8), (byte)port];
}
