using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.Models;
using Modular.Toolkit;

namespace Modular.Plugins.NodeAgent.Nodes;

/// <summary>This machine as a Node.</summary>
internal sealed class NodeObject(string name, string address, string version, NodeAgentOptions options)
{
    private const string ModeAnnotation = "node.modular.dev/runtime-mode";
    private const string LimitationAnnotation = "node.modular.dev/runtime-limitation";

    public JsonObject Create(RuntimeInfo runtime, string podNetworkAddress) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Node",
        ["metadata"] = Metadata(runtime, podNetworkAddress, withName: true),
        ["spec"] = new JsonObject(),
    };

    /// <summary>What a restarted agent sets anew; other labels and annotations stay.</summary>
    public JsonObject Patch(RuntimeInfo runtime, string podNetworkAddress) => new() { ["metadata"] = Metadata(runtime, podNetworkAddress, withName: false) };

    public JsonObject Status(RuntimeInfo runtime, DateTimeOffset started, DateTimeOffset now) => new()
    {
        ["capacity"] = Resources(),
        ["allocatable"] = Resources(),
        ["addresses"] = new JsonArray(Address("InternalIP", address), Address("Hostname", name)),
        ["conditions"] = new JsonArray(
            Condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "the node has enough memory", started, now),
            Condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "the node has enough disk", started, now),
            Condition("PIDPressure", "False", "KubeletHasSufficientPID", "the node has enough process ids", started, now),
            Condition("Ready", "True", "KubeletReady", ReadyMessage(runtime), started, now)),
        ["nodeInfo"] = Info(runtime),
    };

    private static string ReadyMessage(RuntimeInfo runtime) =>
        runtime.Limitation.Length == 0 ? "the node agent is ready" : $"the node agent is ready; {runtime.Limitation}";

    private static string Architecture => RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "amd64",
        System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
        var other => other.ToString().ToLowerInvariant(),
    };

    private JsonObject Metadata(RuntimeInfo runtime, string podNetworkAddress, bool withName)
    {
        var metadata = new JsonObject
        {
            ["labels"] = new JsonObject
            {
                ["kubernetes.io/hostname"] = name,
                ["kubernetes.io/os"] = "linux",
                ["kubernetes.io/arch"] = Architecture,
                ["beta.kubernetes.io/os"] = "linux",
                ["beta.kubernetes.io/arch"] = Architecture,
            },
            ["annotations"] = new JsonObject
            {
                [ModeAnnotation] = runtime.Mode,
                [LimitationAnnotation] = runtime.Limitation.Length == 0 ? null : runtime.Limitation,
                [NodeAnnotations.PodNetworkAddress] = podNetworkAddress.Length == 0 ? null : podNetworkAddress,
            },
        };
        if (withName)
        {
            metadata["name"] = name;
            // Null takes away what a patch finds; a new object has nothing to take away.
            var annotations = metadata["annotations"]!.AsObject();
            foreach (var absent in annotations.Where(annotation => annotation.Value is null).Select(annotation => annotation.Key).ToArray())
            {
                annotations.Remove(absent);
            }
        }

        return metadata;
    }

    private JsonObject Resources() => new()
    {
        ["cpu"] = Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture),
        ["memory"] = string.Create(CultureInfo.InvariantCulture, $"{MachineFacts.MemoryBytes() / 1024}Ki"),
        ["pods"] = options.Pods.ToString(CultureInfo.InvariantCulture),
    };

    private JsonObject Info(RuntimeInfo runtime) => new()
    {
        ["machineID"] = MachineFacts.Read("/etc/machine-id"),
        ["systemUUID"] = MachineFacts.Read("/etc/machine-id"),
        ["bootID"] = MachineFacts.Read("/proc/sys/kernel/random/boot_id"),
        ["kernelVersion"] = MachineFacts.Read("/proc/sys/kernel/osrelease"),
        ["osImage"] = MachineFacts.OperatingSystem(),
        ["containerRuntimeVersion"] = $"{runtime.Name}://{runtime.Version}",
        ["kubeletVersion"] = $"v{version}",
        ["kubeProxyVersion"] = "",
        ["operatingSystem"] = "linux",
        ["architecture"] = Architecture,
    };

    private static JsonObject Address(string type, string value) => new() { ["type"] = type, ["address"] = value };

    private static JsonObject Condition(string type, string status, string reason, string message, DateTimeOffset since, DateTimeOffset now) => new()
    {
        ["type"] = type,
        ["status"] = status,
        ["reason"] = reason,
        ["message"] = message,
        ["lastHeartbeatTime"] = StatusPatch.Timestamp(now),
        ["lastTransitionTime"] = StatusPatch.Timestamp(since),
    };
}
