using System.Buffers.Binary;
using System.Globalization;
using System.Net.NetworkInformation;
using System.Security.Cryptography;
using System.Text;
using Modular.Abstractions;

namespace Modular.Host.Cluster;

/// <summary>Chooses a new cluster's addresses, so that it meets neither the machine's networks nor other clusters that run on it.</summary>
internal static class NetworkChoice
{
    // Of 127.0.0.0/8; the range below is the pods'.
    private const int FirstOfProcesses = 128;
    private const int CountOfProcesses = 120;

    // Within Kubernetes' usual 10.96.0.0/12; the pods' ranges go down from the usual 10.244.0.0/16.
    private const int FirstServices = 96;
    private const int FirstPods = 244;
    private const int CountIsolated = 16;

    /// <summary>Pods have a network of their own.</summary>
    /// <param name="others">The networks of the machine's other isolated clusters, running or not.</param>
    /// <exception cref="CommandException">No ranges are left.</exception>
    public static ClusterNetwork Isolated(IReadOnlyList<ClusterNetwork> others)
    {
        var routed = Routed().ToHashSet();
        for (var i = 0; i < CountIsolated; i++)
        {
            var network = WithServices(10, FirstServices + i) with { Isolated = true, PodRange = $"10.{FirstPods - i}.0.0/16", DnsPort = 53 };
            if (!routed.Contains(FirstServices + i) && !routed.Contains(FirstPods - i)
                && !others.Any(other => other.ServiceRange == network.ServiceRange || other.PodRange == network.PodRange))
            {
                return network;
            }
        }

        throw new CommandException(
            $"the ranges of all {CountIsolated} isolated clusters that a machine can have are taken by clusters and networks; delete the directory of one, or use --mode process");
    }

    /// <summary>Pods are processes and share the machine's loopback addresses, as the clusters of other users do.</summary>
    public static ClusterNetwork OfProcesses(ClusterDirectory directory)
    {
        var start = SHA256.HashData(Encoding.UTF8.GetBytes(directory.Root))[0];
        var taken = Listening();
        return WithServices(127, Enumerable.Range(0, CountOfProcesses).Select(i => FirstOfProcesses + ((start + i) % CountOfProcesses))
            .FirstOrDefault(second => !taken.Contains(second), FirstOfProcesses));
    }

    private static ClusterNetwork WithServices(int first, int second) => new()
    {
        ServiceRange = $"{first}.{second}.0.0/16",
        ApiAddress = $"{first}.{second}.0.1",
        DnsAddress = $"{first}.{second}.0.10",
    };

    // Other clusters answer at addresses of their ranges. The second bytes are enough: a range has all that follows.
    private static HashSet<int> Listening() => IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners()
        .Select(listener => listener.Address.GetAddressBytes()).Where(bytes => bytes is [127, _, _, _]).Select(bytes => (int)bytes[1]).ToHashSet();

    /// <summary>The second bytes of 10.0.0.0/8 that the machine has a way to. One to more than a range, such as into a company's network, gives way to ours.</summary>
    private static IEnumerable<int> Routed()
    {
        const int destinationColumn = 1;
        const int maskColumn = 7;
        foreach (var line in File.ReadLines("/proc/net/route").Skip(1))
        {
            var columns = line.Split('\t');
            var destination = Bytes(columns[destinationColumn]);
            if (destination[0] == 10 && Bytes(columns[maskColumn])[1] == byte.MaxValue)
            {
                yield return destination[1];
            }
        }
    }

    // The kernel prints addresses as numbers in the machine's own order.
    private static byte[] Bytes(string column)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, uint.Parse(column, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        return bytes;
    }
}
