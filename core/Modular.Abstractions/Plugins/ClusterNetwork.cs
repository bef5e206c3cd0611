namespace Modular.Abstractions;

/// <summary>Addresses and names that everybody in a cluster agrees on. They stay what they were at its first start.</summary>
public sealed record ClusterNetwork
{
    /// <summary>
    /// True if containers have namespaces and pods a network of their own; false if they are plain processes of the machine, which share its
    /// network and have addresses of 127.0.0.0/8.
    /// </summary>
    public bool Isolated { get; init; }

    /// <summary>The range that pods have their addresses from; nodes take parts of it.</summary>
    public string PodRange { get; init; } = "127.64.0.0/10";

    /// <summary>The range of the services' virtual addresses.</summary>
    public string ServiceRange { get; init; } = "127.128.0.0/16";

    /// <summary>The virtual address of the service <c>kubernetes</c>, by custom the first of the range.</summary>
    public string ApiAddress { get; init; } = "127.128.0.1";

    /// <summary>The virtual address of the cluster's name server.</summary>
    public string DnsAddress { get; init; } = "127.128.0.10";

    /// <summary>The port at that address: 53, or one that needs no rights where pods are plain processes.</summary>
    public int DnsPort { get; init; } = 1053;

    /// <summary>The DNS suffix of services and pods.</summary>
    public string Domain { get; init; } = "cluster.local";
}
