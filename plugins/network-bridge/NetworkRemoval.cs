using Modular.Plugins.NetworkBridge.Filtering;
using Modular.Plugins.NetworkBridge.Netlink;
using Modular.Plugins.NetworkBridge.Routing;

namespace Modular.Plugins.NetworkBridge;

/// <summary>Takes everything of a cluster's network away, found by its names, whoever made it.</summary>
internal static class NetworkRemoval
{
    /// <exception cref="IOException">Something can't be taken away.</exception>
    public static void Run(NetworkNames names)
    {
        using var socket = NetlinkSocket.Open(NetlinkProtocol.Route);
        var links = new Links(socket);
        foreach (var link in links.List().Where(link => link.Name.StartsWith(names.LinkPrefix, StringComparison.Ordinal) || link.Name == names.Bridge))
        {
            links.Delete(link);
        }

        try
        {
            new ForwardRules(names).Remove();
            new AddressTranslation(names).Remove();
        }
        catch (NetlinkException exception) when (exception.Error is Errno.InvalidArgument or Errno.NotSupported or Errno.ProtocolNotSupported or Errno.AddressFamilyNotSupported)
        {
            // A kernel without nf_tables has nothing of ours in them.
        }
    }
}
