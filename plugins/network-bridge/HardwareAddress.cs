using System.Net;

namespace Modular.Plugins.NetworkBridge;

/// <summary>Ethernet addresses made from IP addresses, so that neighbours who remember one are right when the address is used again.</summary>
internal static class HardwareAddress
{
    private const byte LocallyAdministered = 0x02;

    public static byte[] Of(IPAddress address) => [LocallyAdministered, 0x6d, .. address.GetAddressBytes()];
}
