using System.Net;
using System.Text.Json;

namespace Modular.Plugins.Dns;

/// <summary>The plugin's configuration.</summary>
internal sealed record DnsOptions
{
    /// <summary>How many threads read datagrams.</summary>
    public int Threads { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 4);

    /// <summary>How many seconds clients keep an answer about the cluster.</summary>
    public int TimeToLive { get; init; } = 5;

    /// <summary>The servers for other names; empty for the machine's.</summary>
    public IReadOnlyList<IPEndPoint> Forward { get; init; } = [];

    /// <summary>How long one server may take for an answer.</summary>
    public TimeSpan ForwardTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How many questions may be on their way to other servers.</summary>
    public int MostForwarded { get; init; } = 1000;

    /// <summary>How many answers of other servers are kept.</summary>
    public int CacheEntries { get; init; } = 1000;

    /// <summary>How many TCP connections are served at a time.</summary>
    public int Connections { get; init; } = 256;

    /// <exception cref="FormatException">A setting is unknown or has a wrong value; the message names it.</exception>
    public static DnsOptions Read(JsonElement configuration)
    {
        var options = new DnsOptions();
        if (configuration.ValueKind != JsonValueKind.Object)
        {
            return options;
        }

        foreach (var member in configuration.EnumerateObject())
        {
            options = member.Name switch
            {
                "threads" => options with { Threads = (int)Number(member, 1, 64) },
                "ttlSeconds" => options with { TimeToLive = (int)Number(member, 0, 3600) },
                "forward" => options with { Forward = Servers(member) },
                "forwardTimeoutSeconds" => options with { ForwardTimeout = TimeSpan.FromSeconds(Number(member, 0.1, 60)) },
                "mostForwarded" => options with { MostForwarded = (int)Number(member, 1, 100_000) },
                "cacheEntries" => options with { CacheEntries = (int)Number(member, 0, 1_000_000) },
                "connections" => options with { Connections = (int)Number(member, 1, 100_000) },
                _ => throw new FormatException($"dns has no setting '{member.Name}'; its README lists them"),
            };
        }

        return options;
    }

    private static List<IPEndPoint> Servers(JsonProperty member)
    {
        var servers = new List<IPEndPoint>();
        if (member.Value.ValueKind != JsonValueKind.Array)
        {
            throw new FormatException("dns: forward must be a list of addresses");
        }

        foreach (var item in member.Value.EnumerateArray())
        {
            const int Port = 53;
            if (item.ValueKind != JsonValueKind.String || !IPEndPoint.TryParse(item.GetString()!, out var server))
            {
                throw new FormatException($"dns: forward has {item}, which is not an address such as 192.0.2.1 or 192.0.2.1:5353");
            }

            servers.Add(server.Port == 0 ? new IPEndPoint(server.Address, Port) : server);
        }

        return servers;
    }

    private static double Number(JsonProperty member, double least, double most) =>
        member.Value.ValueKind == JsonValueKind.Number && member.Value.GetDouble() is var number && number >= least && number <= most
            ? number
            : throw new FormatException($"dns: {member.Name} must be a number between {least} and {most}");
}
