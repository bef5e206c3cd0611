using Modular.Abstractions;
using Modular.Models;

namespace Modular.Plugins.NodeAgent.Containers;

/// <summary>The labels this agent gives sandboxes: the pod's, and the node's name, by which agents that share a runtime know their own.</summary>
internal static class SandboxLabels
{
    public const string Node = "node.modular.dev/name";

    public static Dictionary<string, string> Of(Pod pod, string nodeName) => new(pod.Metadata.Labels, StringComparer.Ordinal) { [Node] = nodeName };

    /// <summary>Whether a sandbox is another node's. One without a name was made when runtimes had one agent only.</summary>
    public static bool BelongsToAnother(SandboxState sandbox, string nodeName) =>
        sandbox.Spec.Labels.TryGetValue(Node, out var owner) && owner != nodeName;
}
