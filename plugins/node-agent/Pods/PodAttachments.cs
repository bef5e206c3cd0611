using System.Collections.Concurrent;
using Modular.Abstractions;
using Modular.Models;

namespace Modular.Plugins.NodeAgent.Pods;

/// <summary>
/// Connects sandboxes that have a network namespace of their own to the node's pod network, and knows their addresses. Where pods are plain
/// processes it does nothing. Thread-safe.
/// </summary>
/// <remarks>What the network refuses is thrown as <see cref="RuntimeException"/>: to a pod it is the same.</remarks>
internal sealed class PodAttachments(ContractHandle<IPodNetwork> handle, bool isolated)
{
    private readonly ConcurrentDictionary<string, IReadOnlyList<string>> _addresses = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _ensured = new(StringComparer.Ordinal);

    /// <summary>A sandbox's addresses; null if it waits for some.</summary>
    public IReadOnlyList<string>? Addresses(SandboxState sandbox) =>
        sandbox.NetworkNamespace.Length > 0 ? _addresses.GetValueOrDefault(sandbox.Id) : sandbox.Addresses;

    /// <summary>The node's address in the pods' network: empty if there is no such network, null while it is not known.</summary>
    public async ValueTask<string?> NodeAddressAsync(CancellationToken cancellationToken)
    {
        if (!isolated)
        {
            return "";
        }

        try
        {
            return (await CallAsync(network => network.GetInfoAsync(cancellationToken)).ConfigureAwait(false)).NodeAddress;
        }
        catch (Exception exception) when (exception is RuntimeException or ContractUnavailableException)
        {
            // Its plugin says why.
            return null;
        }
    }

    /// <summary>Learns what an earlier agent connected.</summary>
    public async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        foreach (var attachment in await ListAsync(cancellationToken).ConfigureAwait(false))
        {
            _addresses.TryAdd(attachment.SandboxId, attachment.Addresses);
        }
    }

    /// <summary>Makes sure that a sandbox is connected, once in the life of the sandbox and of the agent, and answers its addresses.</summary>
    public async ValueTask<IReadOnlyList<string>> EnsureAsync(SandboxState sandbox, Pod pod, CancellationToken cancellationToken)
    {
        if (sandbox.NetworkNamespace.Length == 0)
        {
            return sandbox.Addresses;
        }

        if (_ensured.ContainsKey(sandbox.Id))
        {
            return _addresses[sandbox.Id];
        }

        var attachment = await CallAsync(network => network.EnsureAttachedAsync(Describe(sandbox, pod), cancellationToken)).ConfigureAwait(false);
        _addresses[sandbox.Id] = attachment.Addresses;
        _ensured[sandbox.Id] = true;
        return attachment.Addresses;
    }

    /// <summary>Notes that a sandbox is made anew.</summary>
    public void Forget(string sandboxId)
    {
        _ensured.TryRemove(sandboxId, out _);
        _addresses.TryRemove(sandboxId, out _);
    }

    /// <summary>Gives back what a sandbox has. Without a network there is nothing that a namespace's end does not take along.</summary>
    public async ValueTask DetachAsync(string sandboxId, CancellationToken cancellationToken)
    {
        Forget(sandboxId);
        if (isolated && handle.IsAvailable)
        {
            await CallAsync(async network =>
            {
                await network.DetachAsync(sandboxId, cancellationToken).ConfigureAwait(false);
                return true;
            }).ConfigureAwait(false);
        }
    }

    /// <summary>Disconnects all sandboxes but those of <paramref name="known"/> pods.</summary>
    public async ValueTask DetachOthersAsync(Func<string, bool> known, CancellationToken cancellationToken)
    {
        foreach (var attachment in await ListAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!known(attachment.SandboxId))
            {
                await DetachAsync(attachment.SandboxId, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async ValueTask<IReadOnlyList<PodAttachment>> ListAsync(CancellationToken cancellationToken) =>
        isolated && handle.IsAvailable ? await CallAsync(network => network.ListAsync(cancellationToken)).ConfigureAwait(false) : [];

    private async ValueTask<T> CallAsync<T>(Func<IPodNetwork, ValueTask<T>> call)
    {
        using var lease = handle.Acquire();
        try
        {
            return await call(lease.Value).ConfigureAwait(false);
        }
        catch (PodNetworkException exception)
        {
            throw new RuntimeException(exception.Reason, exception.Message);
        }
        catch (IOException exception)
        {
            // It is in another process, which is away.
            throw new RuntimeException("NetworkUnavailable", exception.Message);
        }
    }

    private static PodAttachmentSpec Describe(SandboxState sandbox, Pod pod) => new()
    {
        SandboxId = sandbox.Id,
        NetworkNamespace = sandbox.NetworkNamespace,
        PodNamespace = pod.Metadata.Namespace,
        PodName = pod.Metadata.Name,
        HostPorts =
        [
            .. pod.Spec.InitContainers.Where(PodContainers.IsSidecar).Concat(pod.Spec.Containers).SelectMany(container => container.Ports)
                .Where(port => port.HostPort > 0).Select(port => new PodHostPort(port.Protocol, port.HostIP, port.HostPort, port.Port)),
        ],
    };
}
