using System.Text.Json.Serialization;

namespace Modular.Models;

/// <summary>A question asked of a container again and again; one of the actions is set.</summary>
public sealed record Probe
{
    /// <summary>Succeeds if a command ends with 0.</summary>
    public ExecAction? Exec { get; init; }

    /// <summary>Succeeds if a GET answers 2xx or 3xx.</summary>
    public HttpGetAction? HttpGet { get; init; }

    /// <summary>Succeeds if a connection opens.</summary>
    public TcpSocketAction? TcpSocket { get; init; }

    /// <summary>Succeeds if the gRPC health service says SERVING.</summary>
    public GrpcAction? Grpc { get; init; }

    /// <summary>Seconds after the start of the container.</summary>
    public int InitialDelaySeconds { get; init; }

    /// <summary>Seconds an answer may take; at least 1.</summary>
    public int TimeoutSeconds { get => field < 1 ? 1 : field; init; }

    /// <summary>Seconds between two questions; 10 if absent.</summary>
    public int PeriodSeconds { get => field < 1 ? 10 : field; init; }

    /// <summary>Successes in a row that count as success; at least 1.</summary>
    public int SuccessThreshold { get => field < 1 ? 1 : field; init; }

    /// <summary>Failures in a row that count as failure; 3 if absent.</summary>
    public int FailureThreshold { get => field < 1 ? 3 : field; init; }

    /// <summary>The grace of a restart this probe causes; null for the pod's.</summary>
    public long? TerminationGracePeriodSeconds { get; init; }
}

/// <summary>Runs a command in the container.</summary>
public sealed record ExecAction
{
    /// <summary>The command and its arguments; no shell.</summary>
    public IReadOnlyList<string> Command { get => field ?? []; init; }
}

/// <summary>Asks over HTTP.</summary>
public sealed record HttpGetAction
{
    /// <summary>The path.</summary>
    public string Path { get => field is null or "" ? "/" : field; init; }

    /// <summary>A number, or the name of a port of the container.</summary>
    [JsonConverter(typeof(IntOrStringConverter))]
    public string Port { get => field ?? ""; init; }

    /// <summary>The address; empty for the pod's.</summary>
    public string Host { get => field ?? ""; init; }

    /// <summary>HTTP or HTTPS.</summary>
    public string Scheme { get => field is null or "" ? "HTTP" : field; init; }

    /// <summary>Headers to send.</summary>
    public IReadOnlyList<HttpHeader> HttpHeaders { get => field ?? []; init; }
}

/// <summary>A header to send.</summary>
public sealed record HttpHeader
{
    /// <summary>The name.</summary>
    public string Name { get => field ?? ""; init; }

    /// <summary>The value.</summary>
    public string Value { get => field ?? ""; init; }
}

/// <summary>Opens a connection.</summary>
public sealed record TcpSocketAction
{
    /// <summary>A number, or the name of a port of the container.</summary>
    [JsonConverter(typeof(IntOrStringConverter))]
    public string Port { get => field ?? ""; init; }

    /// <summary>The address; empty for the pod's.</summary>
    public string Host { get => field ?? ""; init; }
}

/// <summary>Asks the gRPC health service.</summary>
public sealed record GrpcAction
{
    /// <summary>The port.</summary>
    public int Port { get; init; }

    /// <summary>The service to ask about; empty for the whole server.</summary>
    public string Service { get => field ?? ""; init; }
}

/// <summary>What runs around start and stop of a container.</summary>
public sealed record ContainerLifecycle
{
    /// <summary>Right after the start.</summary>
    public LifecycleAction? PostStart { get; init; }

    /// <summary>Before the request to stop, within the grace.</summary>
    public LifecycleAction? PreStop { get; init; }
}

/// <summary>One of the actions is set.</summary>
public sealed record LifecycleAction
{
    /// <summary>Runs a command.</summary>
    public ExecAction? Exec { get; init; }

    /// <summary>Sends a request.</summary>
    public HttpGetAction? HttpGet { get; init; }

    /// <summary>Waits.</summary>
    public SleepAction? Sleep { get; init; }
}

/// <summary>Waits.</summary>
public sealed record SleepAction
{
    /// <summary>How long.</summary>
    public long Seconds { get; init; }
}
