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
}
