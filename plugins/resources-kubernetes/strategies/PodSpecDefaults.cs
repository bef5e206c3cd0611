using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Defaults of a pod's spec that depend on its other fields.</summary>
internal static class PodSpecDefaults
{
    public static readonly string[] ContainerLists = ["initContainers", "containers", "ephemeralContainers"];

    /// <summary>What holds for pods and for templates of pods.</summary>
    public static void ApplyToTemplate(JsonObject spec)
    {
        foreach (var container in Containers(spec))
        {
            if (container["imagePullPolicy"].AsString() is null or "")
            {
                container["imagePullPolicy"] = ImagePullPolicy.For(container.GetString("image") ?? "");
            }
        }

        foreach (var volume in spec.Objects("volumes"))
        {
            if (volume.Count == 1 && volume.ContainsKey("name"))
            {
                volume["emptyDir"] = new JsonObject();
            }
        }
    }

    /// <summary>What holds for pods; a template leaves the rest to the pods made of it.</summary>
    public static void ApplyToPod(JsonObject spec)
    {
        ApplyToTemplate(spec);
        var hostNetwork = spec.GetBoolean("hostNetwork") is true;
        foreach (var container in Containers(spec))
        {
            RequestLimits(container);
            if (hostNetwork)
            {
                UseContainerPorts(container);
            }
        }
    }

    private static IEnumerable<JsonObject> Containers(JsonObject spec) => ContainerLists.SelectMany(list => spec.Objects(list));

    private static void RequestLimits(JsonObject container)
    {
        if (container.GetObject("resources.limits") is not { Count: > 0 } limits)
        {
            return;
        }

        var requests = container.GetOrAddObject("resources.requests");
        foreach (var (resource, limit) in limits)
        {
            if (requests[resource] is null)
            {
                requests[resource] = limit?.DeepClone();
            }
        }
    }

    private static void UseContainerPorts(JsonObject container)
    {
        foreach (var port in container.Objects("ports"))
        {
            if (port.GetInt64("hostPort") is null or 0 && port.GetInt64("containerPort") is { } number)
            {
                port["hostPort"] = number;
            }
        }
    }
}
