using System.Net;
using System.Net.Sockets;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Plugins.NodeAgent.Containers;
using Modular.Plugins.NodeAgent.Endpoint;
using Modular.Plugins.NodeAgent.Native;

namespace Modular.Plugins.NodeAgent.PortForward;

/// <summary>The ports of one pod, reached from its node.</summary>
internal sealed class PodPorts(AgentServices services, ApiObject pod)
{
    private readonly string _sandboxId = ContainerId.Sandbox(pod.Metadata.Uid);

    public string PodName => pod.Metadata.Name;

    /// <summary>Whether there is a sandbox to connect to.</summary>
    public bool Exist => services.Runtime.Sandbox(_sandboxId) is { Running: true };

    /// <summary>Whether anything runs that could listen.</summary>
    public bool HaveProcesses => services.Runtime.Containers(_sandboxId).Any(container => container.Phase == ContainerPhase.Running);

    /// <summary>Connects to a port: at the pod's own loopback address where it has a network of its own, else at the pod's address.</summary>
    /// <exception cref="SocketException">Nobody listens there.</exception>
    /// <exception cref="IOException">The pod has no address.</exception>
    public async Task<Socket> ConnectAsync(int port, CancellationToken cancellationToken)
    {
        var sandbox = services.Runtime.Sandbox(_sandboxId) ?? throw new IOException("the pod is gone");
        if (OpenInside(sandbox.NetworkNamespace) is { } inside)
        {
            try
            {
                return await ConnectAsync(inside, IPAddress.Loopback, port, cancellationToken).ConfigureAwait(false);
            }
            catch (SocketException)
            {
                // It may listen at the pod's address only.
            }
        }

        var address = services.Attachments.Addresses(sandbox) is [var first, ..]
            ? IPAddress.Parse(first)
            : throw new IOException("the pod has no address yet");
        return await ConnectAsync(new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp), address, port, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Calls back whenever the sandbox may have ended.</summary>
    public IDisposable Subscribe(Action changed)
    {
        void OnChanged(string? sandbox)
        {
            if (sandbox is null || sandbox == _sandboxId)
            {
                changed();
            }
        }

        services.Runtime.Changed += OnChanged;
        return new Subscription(() => services.Runtime.Changed -= OnChanged);
    }

    private static Socket? OpenInside(string networkNamespace)
    {
        try
        {
            return networkNamespace.Length > 0 ? NamespaceSocket.Open(networkNamespace) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or SocketException)
        {
            // An agent without the privilege reaches what listens at the pod's address.
            return null;
        }
    }

    private static async Task<Socket> ConnectAsync(Socket socket, IPAddress address, int port, CancellationToken cancellationToken)
    {
        try
        {
            socket.NoDelay = true;
            await socket.ConnectAsync(address, port, cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
