namespace Modular.Plugins.NodeAgent.Containers;

/// <summary>How the machine itself looks up names.</summary>
internal static class MachineResolver
{
    /// <summary>Where systemd keeps the servers behind its own, which answers on loopback only.</summary>
    private const string BehindSystemd = "/run/systemd/resolve/resolv.conf";

    private const string SystemdServer = "127.0.0.53";

    /// <summary>Reads it as it is now.</summary>
    public static PodResolver Read()
    {
        var resolver = Read(ResolverFile.PathInContainer);
        return resolver.Nameservers is [SystemdServer] && File.Exists(BehindSystemd) ? Read(BehindSystemd) : resolver;
    }

    internal static PodResolver Read(string path)
    {
        var resolver = new PodResolver();
        foreach (var line in File.Exists(path) ? File.ReadAllLines(path) : [])
        {
            resolver = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) switch
            {
                ["nameserver", var server, ..] => resolver with { Nameservers = [.. resolver.Nameservers, server] },
                ["search", .. var domains] => resolver with { Searches = [.. domains.Where(domain => domain != ".")] },
                ["options", .. var options] => resolver with { Options = [.. resolver.Options, .. options] },
                _ => resolver,
            };
        }

        return resolver;
    }
}
