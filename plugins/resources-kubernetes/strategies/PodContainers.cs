using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Which container of a pod a stream is for, and where it runs.</summary>
internal static class PodContainers
{
    private const string DefaultContainer = "kubectl.kubernetes.io/default-container";

    /// <summary>The container asked for, else the only one, else the one that the pod's author prefers.</summary>
    /// <exception cref="ApiException">BadRequest: there is none of that name, or it is not clear which one is meant.</exception>
    public static string Choose(JsonObject pod, string asked, bool orFirst)
    {
        var containers = Names(pod, "containers");
        if (asked.Length > 0)
        {
            return PodSpecDefaults.ContainerLists.Any(list => Names(pod, list).Contains(asked))
                ? asked
                : throw new ApiException(StatusReason.BadRequest, $"container {asked} is not valid for pod {NameOf(pod)}");
        }

        if (containers.Count == 1)
        {
            return containers[0];
        }

        var preferred = pod.GetStringMap("metadata.annotations").GetValueOrDefault(DefaultContainer, "");
        if (containers.Contains(preferred))
        {
            return preferred;
        }

        return orFirst && containers.Count > 0 ? containers[0] : throw Unclear(pod, containers);
    }

    /// <summary>The pod's node.</summary>
    /// <exception cref="ApiException">BadRequest: it has none yet.</exception>
    public static string NodeOf(JsonObject pod) =>
        pod.GetString("spec.nodeName") is { Length: > 0 } node
            ? node
            : throw new ApiException(StatusReason.BadRequest, $"pod {NameOf(pod)} does not have a host assigned");

    /// <summary>The path of a node's API for one pod.</summary>
    public static string PathOf(string verb, JsonObject pod) =>
        $"/{verb}/{Uri.EscapeDataString(pod.GetString("metadata.namespace") ?? "")}/{Uri.EscapeDataString(NameOf(pod))}";

    /// <summary>The path of a node's API for one container.</summary>
    public static string PathOf(string verb, JsonObject pod, string container) => $"{PathOf(verb, pod)}/{Uri.EscapeDataString(container)}";

    public static string NameOf(JsonObject pod) => pod.GetString("metadata.name") ?? "";

    private static List<string> Names(JsonObject pod, string list) =>
        [.. pod.Objects($"spec.{list}").Select(container => container.GetString("name") ?? "")];

    private static ApiException Unclear(JsonObject pod, List<string> containers)
    {
        var message = $"a container name must be specified for pod {NameOf(pod)}, choose one of: [{string.Join(' ', containers)}]";
        if (Names(pod, "initContainers") is { Count: > 0 } init)
        {
            message += $" or one of the init containers: [{string.Join(' ', init)}]";
        }

        if (Names(pod, "ephemeralContainers") is { Count: > 0 } ephemeral)
        {
            message += $" or one of the ephemeral containers: [{string.Join(' ', ephemeral)}]";
        }

        return new ApiException(StatusReason.BadRequest, message);
    }
}
