namespace Modular.Plugins.NetworkBridge;

/// <summary>Settings below /proc/sys/net, of the network namespace this thread is in.</summary>
internal static class KernelSettings
{
    private const string Root = "/proc/sys/net";

    /// <summary>Lets this machine pass packets on. It is never set back: others may rely on it by then.</summary>
    public static void EnableForwarding() => Write("ipv4/ip_forward", "1");

    /// <summary>Lets connections to a host port at 127.0.0.1 leave over a bridge; a rule keeps pods from coming back that way.</summary>
    public static void AllowLoopbackSource(string bridge) => Write($"ipv4/conf/{bridge}/route_localnet", "1");

    /// <summary>A pod must not tell the node where its IPv6 packets go.</summary>
    public static void IgnoreRouterAdvertisements(string bridge)
    {
        var setting = $"ipv6/conf/{bridge}/accept_ra";
        if (File.Exists(Path.Combine(Root, setting)))
        {
            Write(setting, "0");
        }
    }

    private static void Write(string setting, string value)
    {
        var path = Path.Combine(Root, setting);
        if (File.ReadAllText(path).Trim() != value)
        {
            File.WriteAllText(path, value);
        }
    }
}
