using System.Net;

namespace Modular.Host.Cluster;

/// <summary>What a start of a cluster is told.</summary>
internal sealed record ClusterOptions
{
    public required ClusterDirectory Directory { get; init; }

    public required IPEndPoint Listen { get; init; }

    /// <summary>How containers are to run; null for what the cluster was made with, or isolated where that is possible.</summary>
    public ClusterMode? Mode { get; init; }

    /// <summary>The distribution file; null for the one the cluster was made with, or the default.</summary>
    public string? DistributionFile { get; init; }
}
