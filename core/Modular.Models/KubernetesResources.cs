using Modular.ApiMachinery;

namespace Modular.Models;

/// <summary>The resources that the parts of a cluster name in code.</summary>
public static class KubernetesResources
{
    /// <summary>v1 pods.</summary>
    public static GroupVersionResource Pods { get; } = new("", "v1", "pods");

    /// <summary>v1 replicationcontrollers.</summary>
    public static GroupVersionResource ReplicationControllers { get; } = new("", "v1", "replicationcontrollers");

    /// <summary>v1 nodes.</summary>
    public static GroupVersionResource Nodes { get; } = new("", "v1", "nodes");

    /// <summary>v1 namespaces.</summary>
    public static GroupVersionResource Namespaces { get; } = new("", "v1", "namespaces");

    /// <summary>v1 services.</summary>
    public static GroupVersionResource Services { get; } = new("", "v1", "services");

    /// <summary>v1 endpoints.</summary>
    public static GroupVersionResource Endpoints { get; } = new("", "v1", "endpoints");

    /// <summary>v1 events.</summary>
    public static GroupVersionResource Events { get; } = new("", "v1", "events");

    /// <summary>v1 configmaps.</summary>
    public static GroupVersionResource ConfigMaps { get; } = new("", "v1", "configmaps");

    /// <summary>v1 secrets.</summary>
    public static GroupVersionResource Secrets { get; } = new("", "v1", "secrets");

    /// <summary>v1 serviceaccounts.</summary>
    public static GroupVersionResource ServiceAccounts { get; } = new("", "v1", "serviceaccounts");

    /// <summary>coordination.k8s.io/v1 leases.</summary>
    public static GroupVersionResource Leases { get; } = new("coordination.k8s.io", "v1", "leases");

    /// <summary>discovery.k8s.io/v1 endpointslices.</summary>
    public static GroupVersionResource EndpointSlices { get; } = new("discovery.k8s.io", "v1", "endpointslices");
}
