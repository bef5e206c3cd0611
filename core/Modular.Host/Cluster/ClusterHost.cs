namespace Modular.Host.Cluster;
internal sealed class ClusterHost : IAsyncDisposable
{
    public static Task<ClusterHost> StartAsync(ClusterOptions options, bool detached, CancellationToken cancellationToken) => throw new CommandException("x");
    public void LeaveTerminal() { }
    public Task<int> WaitAsync(CancellationToken cancellationToken) => Task.FromResult(0);
    public ValueTask DisposeAsync() => default;
}
