namespace Modular.EndToEnd;

/// <summary>One cluster for all tests of a class, each of which leaves it as it was.</summary>
public sealed class SharedCluster : IAsyncLifetime
{
    internal TestCluster Cluster { get; private set; } = null!;

    /// <summary>The cluster, for a test that asks it by kubectl.</summary>
    internal TestCluster ForKubectl
    {
        get
        {
            NeedsKubectl();
            return Cluster;
        }
    }

    public async ValueTask InitializeAsync() => Cluster = await TestCluster.StartAsync(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();

    /// <summary>Skips a test where there is no kubectl.</summary>
    internal static void NeedsKubectl() => Assert.SkipUnless(HasKubectl(), "kubectl is not installed; ./test installs it where it may");

    private static bool HasKubectl() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(d => d.Length > 0 && File.Exists(Path.Combine(d, "kubectl")));
}
