using System.Net;

namespace Modular.Host.Cluster;

/// <summary>What a start of a cluster is told.</summary>
internal sealed record ClusterOptions
{
    public required ClusterDirectory Directory { get; init; }

    public required IPEndPoint Listen { get; init; }

    /// <summary>The distribution file; null for the one the cluster was made with, or the default.</summary>
    public string? DistributionFile { get; init; }
}
