using System.Collections.Concurrent;
using Modular.Abstractions;

namespace Modular.Plugins.NetworkFixture;

/// <summary>Gives addresses away in memory. It needs no right on the machine, so that it runs wherever a test or a benchmark does.</summary>
public sealed class NetworkFixturePlugin : IPlugin, IPodNetwork
{
    private readonly ConcurrentDictionary<string, PodAttachment> _attached = new(StringComparer.Ordinal);
    private readonly PodNetworkInfo _info = new() { NodeAddress = "10.244.0.1", PodRange = "10.244.0.0/24" };
    private int _last = 1;

    public ValueTask ProvisionAsync(IPluginContext context, CancellationToken cancellationToken)
    {
        context.Provide<IPodNetwork>(this);
        return ValueTask.CompletedTask;
    }

    public ValueTask<PodNetworkInfo> GetInfoAsync(CancellationToken cancellationToken) => new(_info);

    // No address is given twice, not even one that was given back: a fixture does not live long enough to run out of them.
    public ValueTask<PodAttachment> EnsureAttachedAsync(PodAttachmentSpec spec, CancellationToken cancellationToken) =>
        new(_attached.GetOrAdd(spec.SandboxId, id => Interlocked.Increment(ref _last) is var host and < 255
            ? new PodAttachment { SandboxId = id, Addresses = [$"10.244.0.{host}"] }
            : throw new PodNetworkException("NoAddressLeft", $"{_info.PodRange} has no address left")));

    public ValueTask DetachAsync(string sandboxId, CancellationToken cancellationToken)
    {
        _attached.TryRemove(sandboxId, out _);
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<PodAttachment>> ListAsync(CancellationToken cancellationToken) => new([.. _attached.Values]);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
