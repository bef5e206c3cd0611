using System.Text.Json.Serialization;

namespace Modular.Models;

/// <summary>A container of a pod.</summary>
public sealed record Container
{
    /// <summary>Unique within the pod.</summary>
    public string Name { get => field ?? ""; init; }

    /// <summary>The image.</summary>
    public string Image { get => field ?? ""; init; }

    /// <summary>Always, IfNotPresent or Never.</summary>
    public string ImagePullPolicy { get => field ?? ""; init; }

    /// <summary>Replaces the image's entry point.</summary>
    public IReadOnlyList<string> Command { get => field ?? []; init; }

    /// <summary>Replaces the image's arguments.</summary>
    public IReadOnlyList<string> Args { get => field ?? []; init; }

    /// <summary>Where the process starts; empty for the image's own.</summary>
    public string WorkingDir { get => field ?? ""; init; }

    /// <summary>Variables, later ones win.</summary>
    public IReadOnlyList<EnvironmentVariable> Env { get => field ?? []; init; }

    /// <summary>Whole objects whose entries become variables.</summary>
    public IReadOnlyList<EnvironmentSource> EnvFrom { get => field ?? []; init; }

    /// <summary>Ports the container serves.</summary>
    public IReadOnlyList<ContainerPort> Ports { get => field ?? []; init; }

    /// <summary>What it asks for and may use.</summary>
    public ResourceRequirements Resources { get => field ?? ResourceRequirements.None; init; }

    /// <summary>Who the container is and what it may do; wins over the pod's. Null for the pod's.</summary>
    public SecurityContext? SecurityContext { get; init; }

    /// <summary>When it fails, the container is restarted.</summary>
    public Probe? LivenessProbe { get; init; }

    /// <summary>While it fails, the pod gets no traffic.</summary>
    public Probe? ReadinessProbe { get; init; }

    /// <summary>Until it succeeds, the other probes wait.</summary>
    public Probe? StartupProbe { get; init; }

    /// <summary>What runs around start and stop; null for nothing.</summary>
    public ContainerLifecycle? Lifecycle { get; init; }

    /// <summary>Where volumes appear.</summary>
    public IReadOnlyList<VolumeMount> VolumeMounts { get => field ?? []; init; }

    /// <summary>The file whose content becomes the message of a termination.</summary>
    public string TerminationMessagePath { get => field is null or "" ? "/dev/termination-log" : field; init; }

    /// <summary>File or FallbackToLogsOnError.</summary>
    public string TerminationMessagePolicy { get => field is null or "" ? "File" : field; init; }

    /// <summary>Always makes an init container run beside the others; empty otherwise.</summary>
    public string RestartPolicy { get => field ?? ""; init; }

    /// <summary>Whether the process has a terminal.</summary>
    public bool Tty { get; init; }

    /// <summary>Whether the process has an input.</summary>
    public bool Stdin { get; init; }

    /// <summary>Whether the input ends with the first client's.</summary>
    public bool StdinOnce { get; init; }
}

/// <summary>A variable: its value, or where it comes from.</summary>
public sealed record EnvironmentVariable
{
    /// <summary>The name.</summary>
    public string Name { get => field ?? ""; init; }

    /// <summary>The value; may refer to others as $(NAME).</summary>
    public string Value { get => field ?? ""; init; }

    /// <summary>Where the value comes from; null if it is given.</summary>
    public EnvironmentValueSource? ValueFrom { get; init; }
}

/// <summary>Where a variable's value comes from; one of the members is set.</summary>
public sealed record EnvironmentValueSource
{
    /// <summary>A field of the pod.</summary>
    public FieldReference? FieldRef { get; init; }

    /// <summary>A request or limit of a container.</summary>
    public ResourceReference? ResourceFieldRef { get; init; }

    /// <summary>A key of a ConfigMap.</summary>
    public KeyReference? ConfigMapKeyRef { get; init; }

    /// <summary>A key of a Secret.</summary>
    public KeyReference? SecretKeyRef { get; init; }
}

/// <summary>An object whose entries become variables; one of the references is set.</summary>
public sealed record EnvironmentSource
{
    /// <summary>Put before each name.</summary>
    public string Prefix { get => field ?? ""; init; }

    /// <summary>A ConfigMap.</summary>
    public OptionalReference? ConfigMapRef { get; init; }

    /// <summary>A Secret.</summary>
    public OptionalReference? SecretRef { get; init; }
}

/// <summary>A field of the pod, such as <c>status.podIP</c>.</summary>
public sealed record FieldReference
{
    /// <summary>The path.</summary>
    public string FieldPath { get => field ?? ""; init; }
}

/// <summary>A request or limit, such as <c>limits.cpu</c>.</summary>
public sealed record ResourceReference
{
    /// <summary>The container; empty for the one that asks.</summary>
    public string ContainerName { get => field ?? ""; init; }

    /// <summary>The path.</summary>
    public string Resource { get => field ?? ""; init; }

    /// <summary>The unit of the output.</summary>
    public string Divisor { get => field is null or "" ? "0" : field; init; }
}

/// <summary>A key of an object in the same namespace.</summary>
public sealed record KeyReference
{
    /// <summary>The object.</summary>
    public string Name { get => field ?? ""; init; }

    /// <summary>The key.</summary>
    public string Key { get => field ?? ""; init; }

    /// <summary>Whether it may be missing.</summary>
    public bool Optional { get; init; }
}

/// <summary>An object in the same namespace that may be missing.</summary>
public sealed record OptionalReference
{
    /// <summary>The object.</summary>
    public string Name { get => field ?? ""; init; }

    /// <summary>Whether it may be missing.</summary>
    public bool Optional { get; init; }
}

/// <summary>A port a container serves.</summary>
public sealed record ContainerPort
{
    /// <summary>The name; may be empty.</summary>
    public string Name { get => field ?? ""; init; }

    /// <summary>The port inside the pod.</summary>
    [JsonPropertyName("containerPort")]
    public int Port { get; init; }

    /// <summary>The port of the node; 0 for none.</summary>
    public int HostPort { get; init; }

    /// <summary>The node's address for <see cref="HostPort"/>; empty for all.</summary>
    public string HostIP { get => field ?? ""; init; }

    /// <summary>TCP, UDP or SCTP.</summary>
    public string Protocol { get => field is null or "" ? "TCP" : field; init; }
}

/// <summary>What a container asks for and may use; the values are quantities.</summary>
public sealed record ResourceRequirements
{
    /// <summary>Nothing.</summary>
    public static ResourceRequirements None { get; } = new();

    /// <summary>What the scheduler keeps free.</summary>
    public IReadOnlyDictionary<string, string> Requests { get => field ?? EmptyMap.Strings; init; }

    /// <summary>What must not be exceeded.</summary>
    public IReadOnlyDictionary<string, string> Limits { get => field ?? EmptyMap.Strings; init; }
}

/// <summary>Where a volume appears in a container.</summary>
public sealed record VolumeMount
{
    /// <summary>The volume.</summary>
    public string Name { get => field ?? ""; init; }

    /// <summary>The path inside.</summary>
    public string MountPath { get => field ?? ""; init; }

    /// <summary>The part of the volume; empty for all.</summary>
    public string SubPath { get => field ?? ""; init; }

    /// <summary>The part of the volume with variables; empty for none.</summary>
    public string SubPathExpr { get => field ?? ""; init; }

    /// <summary>Whether writes are refused.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>None, HostToContainer or Bidirectional.</summary>
    public string MountPropagation { get => field is null or "" ? "None" : field; init; }
}
