using System.Net.NetworkInformation;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Modular.Abstractions;
using Modular.Host.Client;

namespace Modular.Host.Cluster;

/// <summary>Where a cluster keeps the addresses that were agreed on at its first start.</summary>
internal static class NetworkFile
{
    private const int FirstServiceRange = 128;
    private const int ServiceRanges = 120;

    /// <summary>Reads what was agreed on; at the first start agrees on it.</summary>
    /// <exception cref="CommandException">The file is damaged.</exception>
    public static ClusterNetwork Open(ClusterDirectory directory)
    {
        if (!File.Exists(directory.Network))
        {
            var network = Choose(directory);
            PrivateFile.Write(directory.Network, JsonSerializer.Serialize(network, NetworkFileContext.Default.ClusterNetwork) + "\n");
            return network;
        }

        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(directory.Network), NetworkFileContext.Default.ClusterNetwork)
                ?? throw new JsonException("it says nothing");
        }
        catch (JsonException e)
        {
            throw new CommandException($"{directory.Network} cannot be read: {e.Message}; restore it from a copy, since objects hold addresses of its ranges");
        }
    }

    /// <summary>Clusters of one machine share its loopback addresses, so each takes a service range of its own.</summary>
    private static ClusterNetwork Choose(ClusterDirectory directory)
    {
        var taken = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(listener => listener.Address.GetAddressBytes())
            .Where(bytes => bytes is [127, ..]).Select(bytes => (int)bytes[1]).ToHashSet();
        var start = SHA256.HashData(Encoding.UTF8.GetBytes(directory.Root))[0];
        var second = Enumerable.Range(0, ServiceRanges).Select(i => FirstServiceRange + ((start + i) % ServiceRanges))
            .FirstOrDefault(candidate => !taken.Contains(candidate), FirstServiceRange);
        return new ClusterNetwork
        {
            ServiceRange = $"127.{second}.0.0/16",
            ApiAddress = $"127.{second}.0.1",
            DnsAddress = $"127.{second}.0.10",
        };
    }
}

/// <summary>How the file is written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ClusterNetwork))]
internal sealed partial class NetworkFileContext : JsonSerializerContext;
