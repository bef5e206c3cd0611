using System.Collections.Concurrent;
using Modular.Abstractions;

namespace Modular.Plugins.NodeAgent.Tests;

/// <summary>A pod network in memory. It outlives the agents of a test, as the kernel's does.</summary>
internal sealed class FakePodNetwork : IPodNetwork
{
    private int _addresses;

    /// <summary>Who is connected, and how.</summary>
    public ConcurrentDictionary<string, (PodAttachmentSpec Spec, string Address)> Attached { get; } = new(StringComparer.Ordinal);

    /// <summary>How often the agent asked for a connection.</summary>
    public int Asked { get; private set; }

    /// <summary>Thrown by the next connections.</summary>
    public PodNetworkException? AttachFails { get; set; }

    public ValueTask<PodNetworkInfo> GetInfoAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult(new PodNetworkInfo { NodeAddress = "10.244.0.1", PodRange = "10.244.0.0/24" });

    public ValueTask<PodAttachment> EnsureAttachedAsync(PodAttachmentSpec spec, CancellationToken cancellationToken)
    {
        Asked++;
        if (AttachFails is { } failure)
        {
            throw failure;
        }

        var attached = Attached.AddOrUpdate(spec.SandboxId, _ => (spec, $"10.244.0.{++_addresses + 1}"), (_, known) => (spec, known.Address));
        return ValueTask.FromResult(new PodAttachment { SandboxId = spec.SandboxId, Addresses = [attached.Address] });
    }

    public ValueTask DetachAsync(string sandboxId, CancellationToken cancellationToken)
    {
        Attached.TryRemove(sandboxId, out _);
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<PodAttachment>> ListAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<PodAttachment>>(
            [.. Attached.Select(entry => new PodAttachment { SandboxId = entry.Key, Addresses = [entry.Value.Address] })]);
}
