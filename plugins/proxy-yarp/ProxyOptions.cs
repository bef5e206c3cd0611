using System.Net;
using System.Text.Json;

namespace Modular.Plugins.ProxyYarp;

/// <summary>The plugin's configuration.</summary>
internal sealed record ProxyOptions
{
    /// <summary>Addresses at which node ports answer; empty for all IPv4 addresses of the machine.</summary>
    public IReadOnlyList<IPAddress> NodePortAddresses { get; init; } = [];

    /// <summary>The most TCP connections at a time; more are reset.</summary>
    public int MaxConnections { get; init; } = 8192;

    /// <summary>The most UDP sessions at a time; the longest idle one makes room for a new one.</summary>
    public int MaxUdpSessions { get; init; } = 4096;

    /// <summary>How long one endpoint may take to answer a connection attempt.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a UDP session without datagrams is kept.</summary>
    public TimeSpan UdpIdle { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Reads the configuration; absent members keep their defaults.</summary>
    /// <exception cref="FormatException">A member is wrong; the message names it.</exception>
    public static ProxyOptions From(JsonElement configuration)
    {
        var options = new ProxyOptions();
        if (configuration.ValueKind != JsonValueKind.Object)
        {
            return options;
        }

        foreach (var member in configuration.EnumerateObject())
        {
            options = member.Name switch
            {
                "nodePortAddresses" => options with { NodePortAddresses = Addresses(member) },
                "maxConnections" => options with { MaxConnections = (int)Number(member, 1, 1_000_000) },
                "maxUdpSessions" => options with { MaxUdpSessions = (int)Number(member, 1, 1_000_000) },
                "connectTimeoutSeconds" => options with { ConnectTimeout = TimeSpan.FromSeconds(Number(member, 0.001, 3600)) },
                "udpIdleSeconds" => options with { UdpIdle = TimeSpan.FromSeconds(Number(member, 1, 3600)) },
                _ => throw new FormatException($"unknown configuration member \"{member.Name}\""),
            };
        }

        return options;
    }

    private static List<IPAddress> Addresses(JsonProperty member)
    {
        var addresses = new List<IPAddress>();
        if (member.Value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in member.Value.EnumerateArray())
            {
                addresses.Add(item.ValueKind == JsonValueKind.String && IPAddress.TryParse(item.GetString(), out var address)
                    ? address
                    : throw new FormatException($"{member.Name} must be a list of IP addresses"));
            }

            return addresses;
        }

        throw new FormatException($"{member.Name} must be a list of IP addresses");
    }

    private static double Number(JsonProperty member, double least, double most) =>
        member.Value.ValueKind == JsonValueKind.Number && member.Value.GetDouble() is var number && number >= least && number <= most
            ? number
            : throw new FormatException($"{member.Name} must be a number between {least} and {most}");
}
