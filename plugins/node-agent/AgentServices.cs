using Microsoft.Extensions.Logging;
using Modular.Abstractions;
using Modular.Plugins.NodeAgent.Containers;
using Modular.Plugins.NodeAgent.Pods;
using Modular.Plugins.NodeAgent.Volumes;
using Modular.Toolkit;

namespace Modular.Plugins.NodeAgent;

/// <summary>What the parts of the agent share.</summary>
internal sealed record AgentServices
{
    public required string NodeName { get; init; }

    public required string NodeAddress { get; init; }

    /// <summary>The addresses and names that everybody in the cluster agrees on.</summary>
    public required ClusterNetwork Network { get; init; }

    public required NodeAgentOptions Options { get; init; }

    public required PodDirectories Directories { get; init; }

    public required IApiClient Api { get; init; }

    public required ReferencedObjects References { get; init; }

    public required KnownServices Services { get; init; }

    public required RuntimeView Runtime { get; init; }

    public required PodAttachments Attachments { get; init; }

    public required EndpointDrain Drain { get; init; }

    public required EventRecorder Events { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Log { get; init; }
}
