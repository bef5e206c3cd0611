using System.Diagnostics;
using System.Globalization;

namespace Modular.EndToEnd;

/// <summary>A cluster that starts with some of its roles in processes of their own.</summary>
internal sealed class IsolatedCluster : IAsyncDisposable
{
    private IsolatedCluster(TestCluster cluster) => Cluster = cluster;

    public TestCluster Cluster { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<IsolatedCluster> StartAsync(params string[] roles)
    {
        var file = Path.GetTempFileName();
        try
        {
            var distribution = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "distributions", "dev.yaml"), Token);
            foreach (var role in roles)
            {
                distribution = distribution.Replace($"- name: {role}\n", $"- name: {role}\n    isolation: process\n", StringComparison.Ordinal);
            }

            await File.WriteAllTextAsync(file, distribution, Token);
            var cluster = new IsolatedCluster(await TestCluster.StartAsync(Token, "--distribution", file));
            Assert.All(roles, role => Assert.NotNull(cluster.ChildOf(role)));
            return cluster;
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Kills a role's process.</summary>
    public async Task KillAsync(string role)
    {
        using var process = Process.GetProcessById(ChildOf(role) ?? throw new InvalidOperationException($"{role} has no process"));
        process.Kill();
        await process.WaitForExitAsync(Token);
    }

    /// <summary>Sends a role's process a signal.</summary>
    public void Signal(string role, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", (ChildOf(role) ?? throw new InvalidOperationException($"{role} has no process")).ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>Waits until a role says that it can do its work again, in another process.</summary>
    public async Task ReadyAsync(string role)
    {
        while (ChildOf(role) is null || !await IsReadyAsync(role))
        {
            await Task.Delay(20, Token);
        }
    }

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();

    private async Task<bool> IsReadyAsync(string role) =>
        (await Cluster.GetAsync(Token, "plugin", role))[0]["status"]!["conditions"]!.AsArray().Any(c => (string?)c!["type"] == "Ready" && (string?)c["status"] == "True");

    private int? ChildOf(string role) => Cluster.ChildrenOf(role) is [var child, ..] ? child : null;
}
