namespace Modular.Host.Cluster;

/// <summary>How a cluster runs its containers; agreed on at its first start.</summary>
internal enum ClusterMode
{
    /// <summary>With namespaces, limits and a network of their own.</summary>
    Isolated,

    /// <summary>As plain processes of the machine.</summary>
    Process,
}
