using System.Net;
using System.Net.Sockets;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>What Kubernetes allows as an address, and as the address of an endpoint.</summary>
internal static class IPAddressRules
{
    public const string NotAnAddress = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";

    public static bool IsAddress(string text) => Parse(text) is not null;

    /// <summary>Checks the address of an endpoint, which must not lead back to whoever connects to it.</summary>
    public static void ValidateEndpoint(string path, string text, bool allowLoopback, FieldErrors errors)
    {
        if (Parse(text) is not { } address)
        {
            errors.Invalid(path, text, NotAnAddress);
            return;
        }

        if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
        {
            errors.Invalid(path, text, $"may not be unspecified ({text})");
        }

        if (IPAddress.IsLoopback(address) && !allowLoopback)
        {
            errors.Invalid(path, text, "may not be in the loopback range (127.0.0.0/8, ::1/128)");
        }

        if (IsLinkLocal(address))
        {
            errors.Invalid(path, text, "may not be in the link-local range (169.254.0.0/16, fe80::/10)");
        }

        if (IsLinkLocalMulticast(address))
        {
            errors.Invalid(path, text, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
        }
    }

    /// <summary>Checks that an address is of a family.</summary>
    public static bool IsOfFamily(string text, AddressFamily family) => Parse(text)?.AddressFamily == family;

    /// <summary>The runtime also reads short forms such as 10.1 and numbers; Kubernetes does not.</summary>
    private static IPAddress? Parse(string text)
    {
        if (!IPAddress.TryParse(text, out var address) || text.Contains('%', StringComparison.Ordinal))
        {
            return null;
        }

        return address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == text ? address : null;
    }

    private static bool IsLinkLocal(IPAddress address) =>
        address.IsIPv6LinkLocal || (address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes() is [169, 254, ..]);

    private static bool IsLinkLocalMulticast(IPAddress address) => address.GetAddressBytes() is [224, 0, 0, _] or [0xff, 0x02, ..];
}
