namespace Modular.Plugins.NodeAgent.Endpoint;

/// <summary>The dialects of Kubernetes' streams over a WebSocket.</summary>
internal sealed record ChannelProtocol(string Name, bool IsBase64, bool HasStatusObject, bool HasCloseSignal)
{
    public const byte Input = 0;
    public const byte Output = 1;
    public const byte Error = 2;
    public const byte Status = 3;
    public const byte Resize = 4;

    /// <summary>Says that a channel, named by the next byte, gets no more.</summary>
    public const byte Close = 255;

    // Best first.
    private static readonly ChannelProtocol[] Known =
    [
        new("v5.channel.k8s.io", false, true, true),
        new("v4.channel.k8s.io", false, true, false),
        new("channel.k8s.io", false, false, false),
        new("v4.base64.channel.k8s.io", true, true, false),
        new("base64.channel.k8s.io", true, false, false),
    ];

    // What these say of a command's end means nothing for ports.
    private static readonly ChannelProtocol[] KnownForPorts = [Known[1], Known[3]];

    private static readonly ChannelProtocol Plain = new("", false, false, false);

    /// <summary>The best one for a command that a client offers; a client that offers none gets the plain one; null if it offers only others.</summary>
    public static ChannelProtocol? Choose(IList<string> offered) => Choose(Known, offered);

    /// <summary>The same for ports.</summary>
    public static ChannelProtocol? ChooseForPorts(IList<string> offered) => Choose(KnownForPorts, offered);

    private static ChannelProtocol? Choose(ChannelProtocol[] known, IList<string> offered) =>
        offered.Count == 0 ? Plain : known.FirstOrDefault(protocol => offered.Contains(protocol.Name));
}
