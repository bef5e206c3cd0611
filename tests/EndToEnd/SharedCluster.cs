namespace Modular.EndToEnd;

/// <summary>One cluster for all tests of a class, each of which leaves it as it was.</summary>
public sealed class SharedCluster : IAsyncLifetime
{
    internal TestCluster Cluster { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Cluster = await TestCluster.StartAsync(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}
