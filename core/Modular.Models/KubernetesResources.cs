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

    /// <summary>v1 persistentvolumeclaims.</summary>
    public static GroupVersionResource PersistentVolumeClaims { get; } = new("", "v1", "persistentvolumeclaims");

    /// <summary>v1 persistentvolumes.</summary>
    public static GroupVersionResource PersistentVolumes { get; } = new("", "v1", "persistentvolumes");

    /// <summary>v1 limitranges.</summary>
    public static GroupVersionResource LimitRanges { get; } = new("", "v1", "limitranges");

    /// <summary>v1 resourcequotas.</summary>
    public static GroupVersionResource ResourceQuotas { get; } = new("", "v1", "resourcequotas");

    /// <summary>scheduling.k8s.io/v1 priorityclasses.</summary>
    public static GroupVersionResource PriorityClasses { get; } = new("scheduling.k8s.io", "v1", "priorityclasses");

    /// <summary>node.k8s.io/v1 runtimeclasses.</summary>
    public static GroupVersionResource RuntimeClasses { get; } = new("node.k8s.io", "v1", "runtimeclasses");

    /// <summary>networking.k8s.io/v1 servicecidrs.</summary>
    public static GroupVersionResource ServiceCidrs { get; } = new("networking.k8s.io", "v1", "servicecidrs");

    /// <summary>networking.k8s.io/v1 ipaddresses.</summary>
    public static GroupVersionResource IPAddresses { get; } = new("networking.k8s.io", "v1", "ipaddresses");

    /// <summary>flowcontrol.apiserver.k8s.io/v1 flowschemas.</summary>
    public static GroupVersionResource FlowSchemas { get; } = new("flowcontrol.apiserver.k8s.io", "v1", "flowschemas");

    /// <summary>flowcontrol.apiserver.k8s.io/v1 prioritylevelconfigurations.</summary>
    public static GroupVersionResource PriorityLevelConfigurations { get; } = new("flowcontrol.apiserver.k8s.io", "v1", "prioritylevelconfigurations");
}
