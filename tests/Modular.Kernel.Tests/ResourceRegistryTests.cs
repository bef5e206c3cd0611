namespace Modular.Kernel.Tests;

public sealed class ResourceRegistryTests
{
    [Fact]
    public async Task A_kind_is_found_only_once_it_can_be_served()
    {
        var registry = new ResourceRegistry();
        var prepared = new TaskCompletionSource();
        var refresh = registry.RefreshAsync(
            new FixedContractHandle<IResourceSource>(new Kinds()), _ => prepared.Task, TestContext.Current.CancellationToken);
        Assert.False(registry.TryGet(Kinds.Widgets, out _));
        prepared.SetResult();
        await refresh;
        Assert.True(registry.TryGet(Kinds.Widgets, out _));
    }

    [Fact]
    public async Task A_source_is_kept_until_the_last_write_by_its_kinds_has_ended()
    {
        var registry = new ResourceRegistry();
        var (first, second) = (new CountedHandle(), new CountedHandle());
        await registry.RefreshAsync(first, _ => Task.CompletedTask, TestContext.Current.CancellationToken);
        var writing = registry.Use(out var kinds);
        Assert.True(kinds.TryGet(Kinds.Widgets, out _));
        await registry.RefreshAsync(second, _ => Task.CompletedTask, TestContext.Current.CancellationToken);
        Assert.Equal((1, 1), (first.Held, second.Held));
        using (registry.Use(out var newer))
        {
            Assert.NotSame(kinds, newer);
        }

        writing.Dispose();
        await first.Released;
        Assert.Equal((0, 1), (first.Held, second.Held));
        await registry.RetireAsync();
        await second.Released;
        Assert.Equal((0, 0), (first.Held, second.Held));
        Assert.Equal(StatusReason.ServiceUnavailable, Assert.Throws<ApiException>(() => registry.Use(out _)).Reason);
    }

    [Fact]
    public async Task A_refresh_that_fails_keeps_the_kinds_and_lets_go_of_the_new_source()
    {
        var registry = new ResourceRegistry();
        var (first, second) = (new CountedHandle(), new CountedHandle());
        await registry.RefreshAsync(first, _ => Task.CompletedTask, TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<IOException>(() => registry.RefreshAsync(second, _ => throw new IOException(), TestContext.Current.CancellationToken));
        Assert.Equal((1, 0), (first.Held, second.Held));
        Assert.True(registry.TryGet(Kinds.Widgets, out _));
    }

    private sealed class CountedHandle : ContractHandle<IResourceSource>
    {
        private readonly TaskCompletionSource _released = new();
        private int _held;

        public int Held => _held;

        public Task Released => _released.Task;

        public override bool IsAvailable => true;

        public override long Generation => 1;

        public override ContractLease<IResourceSource> Acquire() => AcquireAll()[0];

        public override bool TryAcquire(out ContractLease<IResourceSource> lease)
        {
            lease = Acquire();
            return true;
        }

        public override IReadOnlyList<ContractLease<IResourceSource>> AcquireAll()
        {
            Interlocked.Increment(ref _held);
            return [new(new Kinds(), new PluginIdentity("counted", "counted", "0.0.0", 1), 1, new Release(this))];
        }

        public override Task WaitForChangeAsync(long generation, CancellationToken cancellationToken) => Task.Delay(Timeout.Infinite, cancellationToken);

        private sealed class Release(CountedHandle handle) : IDisposable
        {
            public void Dispose()
            {
                Interlocked.Decrement(ref handle._held);
                handle._released.TrySetResult();
            }
        }
    }
}
