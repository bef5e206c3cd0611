using System.Net;
using Modular.Abstractions;
using Modular.Models;

namespace Modular.Plugins.NodeAgent.Containers;

/// <summary>How names are looked up: which servers are asked, and what is tried behind short names.</summary>
internal sealed record PodResolver
{
    /// <summary>What the usual resolvers take; more is left out.</summary>
    private const int MostNameservers = 3;
    private const int MostSearches = 32;
    private const int LongestSearch = 2048;

    public IReadOnlyList<string> Nameservers { get; init; } = [];

    public IReadOnlyList<string> Searches { get; init; } = [];

    /// <summary>Options as they are written, such as <c>ndots:5</c>.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>What a pod's policy gives and its own settings add.</summary>
    public static PodResolver Of(Pod pod, ClusterNetwork network, PodResolver machine)
    {
        var resolver = pod.Spec.DnsPolicy switch
        {
            "None" => new PodResolver(),
            "Default" => OfMachine(pod, network, machine),
            "ClusterFirst" when pod.Spec.HostNetwork => machine,
            _ => OfCluster(pod, network, machine),
        };
        return resolver.With(pod.Spec.DnsConfig ?? new PodDnsConfig());
    }

    private static PodResolver OfCluster(Pod pod, ClusterNetwork network, PodResolver machine) => new()
    {
        Nameservers = [network.DnsAddress],
        Searches = [$"{pod.Metadata.Namespace}.svc.{network.Domain}", $"svc.{network.Domain}", network.Domain, .. machine.Searches],
        Options = ["ndots:5"],
    };

    /// <summary>The machine's, but for servers that only the machine itself can reach: the cluster's asks those in their place.</summary>
    private static PodResolver OfMachine(Pod pod, ClusterNetwork network, PodResolver machine) => pod.Spec.HostNetwork
        ? machine
        : machine with { Nameservers = [.. machine.Nameservers.Select(server => IsLoopback(server) ? network.DnsAddress : server).Distinct()] };

    private static bool IsLoopback(string server) => IPAddress.TryParse(server, out var address) && IPAddress.IsLoopback(address);

    private PodResolver With(PodDnsConfig config)
    {
        var options = Options.Where(known => config.Options.All(option => option.Name != NameOf(known)))
            .Concat(config.Options.Select(option => string.IsNullOrEmpty(option.Value) ? option.Name : $"{option.Name}:{option.Value}"));
        var length = 0;
        return new PodResolver
        {
            Nameservers = [.. Nameservers.Concat(config.Nameservers).Distinct().Take(MostNameservers)],
            Searches =
            [
                .. Searches.Concat(config.Searches).Distinct().Take(MostSearches).TakeWhile(domain => (length += domain.Length + 1) <= LongestSearch + 1),
            ],
            Options = [.. options],
        };
    }

    private static string NameOf(string option) => option.Split(':')[0];
}
