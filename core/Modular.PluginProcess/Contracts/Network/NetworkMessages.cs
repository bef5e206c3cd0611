using Modular.Abstractions;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>The records of the pod network's contract as messages, and back.</summary>
internal static class NetworkMessages
{
    public static Protocol.PodNetworkInfo ToMessage(PodNetworkInfo info) =>
        new() { NodeAddress = info.NodeAddress, PodRange = info.PodRange, Limitation = info.Limitation };

    public static PodNetworkInfo FromMessage(Protocol.PodNetworkInfo message) =>
        new() { NodeAddress = message.NodeAddress, PodRange = message.PodRange, Limitation = message.Limitation };

    public static Protocol.PodAttachmentSpec ToMessage(PodAttachmentSpec spec)
    {
        var message = new Protocol.PodAttachmentSpec
        {
            SandboxId = spec.SandboxId,
            NetworkNamespace = spec.NetworkNamespace,
            PodNamespace = spec.PodNamespace,
            PodName = spec.PodName,
        };
        message.HostPorts.AddRange(spec.HostPorts.Select(
            port => new Protocol.PodHostPort { Protocol = port.Protocol, HostAddress = port.HostAddress, HostPort = port.HostPort, Port = port.Port }));
        return message;
    }

    public static PodAttachmentSpec FromMessage(Protocol.PodAttachmentSpec message) => new()
    {
        SandboxId = message.SandboxId,
        NetworkNamespace = message.NetworkNamespace,
        PodNamespace = message.PodNamespace,
        PodName = message.PodName,
        HostPorts = [.. message.HostPorts.Select(port => new PodHostPort(port.Protocol, port.HostAddress, port.HostPort, port.Port))],
    };

    public static Protocol.PodAttachment ToMessage(PodAttachment attachment)
    {
        var message = new Protocol.PodAttachment { SandboxId = attachment.SandboxId };
        message.Addresses.AddRange(attachment.Addresses);
        return message;
    }

    public static PodAttachment FromMessage(Protocol.PodAttachment message) => new() { SandboxId = message.SandboxId, Addresses = [.. message.Addresses] };

    public static Protocol.NetworkRefusal ToMessage(PodNetworkException refusal) => new() { Reason = refusal.Reason, Message = refusal.Message };

    /// <exception cref="PodNetworkException">There is a refusal.</exception>
    public static void ThrowIf(Protocol.NetworkRefusal? refusal)
    {
        if (refusal is not null)
        {
            throw new PodNetworkException(refusal.Reason, refusal.Message);
        }
    }
}
