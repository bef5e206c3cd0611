namespace Modular.Models;

/// <summary>What is wanted of a pod.</summary>
public sealed record PodSpec
{
    /// <summary>Where the pod runs; empty while it has no node.</summary>
    public string NodeName { get => field ?? ""; init; }

    /// <summary>Who chooses the node.</summary>
    public string SchedulerName { get => field is null or "" ? "default-scheduler" : field; init; }

    /// <summary>Run one after the other before the others start.</summary>
    public IReadOnlyList<Container> InitContainers { get => field ?? []; init; }

    /// <summary>Run side by side.</summary>
    public IReadOnlyList<Container> Containers { get => field ?? []; init; }

    /// <summary>What containers may mount.</summary>
    public IReadOnlyList<Volume> Volumes { get => field ?? []; init; }

    /// <summary>Always, OnFailure or Never.</summary>
    public string RestartPolicy { get => field is null or "" ? "Always" : field; init; }

    /// <summary>Seconds between the request to stop and the kill; null means 30.</summary>
    public long? TerminationGracePeriodSeconds { get; init; }

    /// <summary>Seconds the pod may be active; null for ever.</summary>
    public long? ActiveDeadlineSeconds { get; init; }

    /// <summary>What has to be taken away before the pod may be placed.</summary>
    public IReadOnlyList<SchedulingGate> SchedulingGates { get => field ?? []; init; }

    /// <summary>Labels the node must have.</summary>
    public IReadOnlyDictionary<string, string> NodeSelector { get => field ?? EmptyMap.Strings; init; }

    /// <summary>Taints the pod bears.</summary>
    public IReadOnlyList<PodToleration> Tolerations { get => field ?? []; init; }

    /// <summary>Higher is placed first.</summary>
    public int? Priority { get; init; }

    /// <summary>The class the priority comes from.</summary>
    public string PriorityClassName { get => field ?? ""; init; }

    /// <summary>Resources the pod takes besides those of its containers.</summary>
    public IReadOnlyDictionary<string, string> Overhead { get => field ?? EmptyMap.Strings; init; }

    /// <summary>Whether the pod shares the node's network.</summary>
    public bool HostNetwork { get; init; }

    /// <summary>Whether the pod sees the node's processes.</summary>
    public bool HostPID { get; init; }

    /// <summary>Whether the pod uses the node's inter-process communication.</summary>
    public bool HostIPC { get; init; }

    /// <summary>Whether the containers see each other's processes.</summary>
    public bool ShareProcessNamespace { get; init; }

    /// <summary>Who the containers are and what they may do; null for the usual.</summary>
    public PodSecurityContext? SecurityContext { get; init; }

    /// <summary>Names for the pod's hosts file.</summary>
    public IReadOnlyList<HostAlias> HostAliases { get => field ?? []; init; }

    /// <summary>The host name inside; empty for the pod's name.</summary>
    public string Hostname { get => field ?? ""; init; }

    /// <summary>The subdomain of the pod's full name.</summary>
    public string Subdomain { get => field ?? ""; init; }

    /// <summary>ClusterFirst, ClusterFirstWithHostNet, Default or None.</summary>
    public string DnsPolicy { get => field is null or "" ? "ClusterFirst" : field; init; }

    /// <summary>What is added to what the policy gives; null for nothing.</summary>
    public PodDnsConfig? DnsConfig { get; init; }

    /// <summary>Who the pod is to the API.</summary>
    public string ServiceAccountName { get => field ?? ""; init; }

    /// <summary>Whether a token is mounted; null means yes.</summary>
    public bool? AutomountServiceAccountToken { get; init; }

    /// <summary>Whether services are listed in the environment; null means yes.</summary>
    public bool? EnableServiceLinks { get; init; }

    /// <summary>Secrets that registries ask for.</summary>
    public IReadOnlyList<LocalReference> ImagePullSecrets { get => field ?? []; init; }

    /// <summary>Conditions that must be true besides the containers' readiness.</summary>
    public IReadOnlyList<ReadinessGate> ReadinessGates { get => field ?? []; init; }
}

/// <summary>A mark that bears a taint.</summary>
public sealed record PodToleration
{
    /// <summary>The taint's key; empty for all.</summary>
    public string Key { get => field ?? ""; init; }

    /// <summary>Equal or Exists.</summary>
    public string Operator { get => field is null or "" ? "Equal" : field; init; }

    /// <summary>The value for Equal.</summary>
    public string Value { get => field ?? ""; init; }

    /// <summary>The taint's effect; empty for all.</summary>
    public string Effect { get => field ?? ""; init; }

    /// <summary>How long NoExecute is borne; null for ever.</summary>
    public long? TolerationSeconds { get; init; }
}

/// <summary>Names for an address in the pod's hosts file.</summary>
public sealed record HostAlias
{
    /// <summary>The address.</summary>
    public string Ip { get => field ?? ""; init; }

    /// <summary>The names.</summary>
    public IReadOnlyList<string> Hostnames { get => field ?? []; init; }
}

/// <summary>How names are looked up in a pod.</summary>
public sealed record PodDnsConfig
{
    /// <summary>The addresses of name servers.</summary>
    public IReadOnlyList<string> Nameservers { get => field ?? []; init; }

    /// <summary>Domains that are tried behind short names.</summary>
    public IReadOnlyList<string> Searches { get => field ?? []; init; }

    /// <summary>What else the resolver is told.</summary>
    public IReadOnlyList<PodDnsOption> Options { get => field ?? []; init; }
}

/// <summary>An option of the resolver.</summary>
public sealed record PodDnsOption
{
    /// <summary>The name, such as ndots.</summary>
    public string Name { get => field ?? ""; init; }

    /// <summary>The value; null for none.</summary>
    public string? Value { get; init; }
}

/// <summary>The name of something in the same namespace.</summary>
public sealed record LocalReference
{
    /// <summary>The name.</summary>
    public string Name { get => field ?? ""; init; }
}

/// <summary>Something that keeps a pod from being placed.</summary>
public sealed record SchedulingGate
{
    /// <summary>The name.</summary>
    public string Name { get => field ?? ""; init; }
}

/// <summary>A condition that readiness waits for.</summary>
public sealed record ReadinessGate
{
    /// <summary>The type of the condition.</summary>
    public string ConditionType { get => field ?? ""; init; }
}
