using Modular.Abstractions;
using Modular.PluginTests;

namespace Modular.Plugins.NetworkBridge.Tests;

/// <summary>What every pod network has to do, asked of this one on a machine of its own.</summary>
public sealed class ConformanceTests : PodNetworkTests
{
    private Node? _node;

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
        _node?.Dispose();
    }

    protected override ValueTask<IPodNetwork> StartAsync()
    {
        Assert.SkipUnless(Machine.CanBeMade, Machine.Need);
        _node = new Node();
        var bridge = _node.Start();
        return new(new OnMachine(new PodNetwork(() => bridge), _node.Machine));
    }

    // A network changes the machine that its thread is on.
    private sealed class OnMachine(PodNetwork network, Machine machine) : IPodNetwork
    {
        public ValueTask<PodNetworkInfo> GetInfoAsync(CancellationToken cancellationToken) => new(DoAsync(() => network.GetInfoAsync(cancellationToken)));

        public ValueTask<PodAttachment> EnsureAttachedAsync(PodAttachmentSpec spec, CancellationToken cancellationToken) =>
            new(DoAsync(() => network.EnsureAttachedAsync(spec, cancellationToken)));

        public ValueTask DetachAsync(string sandboxId, CancellationToken cancellationToken) => new(DoAsync(async () =>
        {
            await network.DetachAsync(sandboxId, cancellationToken);
            return true;
        }));

        public ValueTask<IReadOnlyList<PodAttachment>> ListAsync(CancellationToken cancellationToken) => new(DoAsync(() => network.ListAsync(cancellationToken)));

        // One call at a time, and none that waits, so each stays on the thread.
        private Task<T> DoAsync<T>(Func<ValueTask<T>> call) => machine.Do(() => call().AsTask());
    }
}
