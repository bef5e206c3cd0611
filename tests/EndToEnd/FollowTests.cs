namespace Modular.EndToEnd;

/// <summary>Commands that follow what happens: what was there comes first, then every change as it is made.</summary>
public sealed class FollowTests(SharedCluster shared) : IClassFixture<SharedCluster>, IAsyncLifetime
{
    private readonly TestCluster _cluster = shared.Cluster;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>Leaves the next test a cluster without what this one made.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var made in (string[])["first", "second"])
        {
            if ((await _cluster.GetAsync(Token, "configmaps")).Any(found => (string?)found["metadata"]!["name"] == made))
            {
                await _cluster.Api.DeleteAsync("configmap", made, Token);
            }
        }
    }

    [Theory]
    [InlineData("", "first ")]
    [InlineData("wide", "first ")]
    [InlineData("name", "configmap/first")]
    [InlineData("yaml", "  name: first")]
    [InlineData("json", "    \"name\": \"first\",")]
    public async Task A_get_goes_on_with_what_happens(string output, string awaited)
    {
        await AddAsync("first");
        string[] arguments = ["get", "configmaps", "-w", "--data-dir", _cluster.DataDirectory, .. output.Length == 0 ? Array.Empty<string>() : ["-o", output]];
        await using var get = RunningCommand.Start(Repository.Modular, new Dictionary<string, string>(), arguments);
        await get.LineAsync(line => line.TrimEnd(',').StartsWith(awaited.TrimEnd(','), StringComparison.Ordinal), Token);
        await AddAsync("second");
        await get.LineAsync(
            line => line.TrimEnd(',').StartsWith(awaited.TrimEnd(',').Replace("first", "second", StringComparison.Ordinal), StringComparison.Ordinal), Token);
    }

    [Fact]
    public async Task Kubectl_goes_on_with_what_happens()
    {
        await AddAsync("first");
        await using var get = RunningCommand.Start("kubectl", Kubectl, "get", "configmaps", "-w");
        await get.LineAsync(line => line.StartsWith("first ", StringComparison.Ordinal), Token);
        await AddAsync("second");
        await get.LineAsync(line => line.StartsWith("second ", StringComparison.Ordinal), Token);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_log_is_followed_across_its_beginning_and_its_news(bool kubectl)
    {
        var gates = Directory.CreateTempSubdirectory("modular-e2e-gates-").FullName;
        (await _cluster.ApplyAsync($$$"""
            apiVersion: v1
            kind: Pod
            metadata: {name: talker}
            spec:
              terminationGracePeriodSeconds: 0
              volumes: [{name: gates, hostPath: {path: {{{gates}}}}}]
              containers:
              - name: main
                image: host
                command: [sh, -c, "echo early; until test -e $VOLUME_GATES/open; do sleep 0.1; done; echo late; sleep 600"]
                volumeMounts: [{name: gates, mountPath: /gates}]
            """, Token)).MustSucceed();
        await _cluster.WaitAsync("pod/talker", "condition=Ready", Token);
        await using var logs = kubectl
            ? RunningCommand.Start("kubectl", Kubectl, "logs", "-f", "talker")
            : RunningCommand.Start(Repository.Modular, new Dictionary<string, string>(), "logs", "-f", "talker", "--data-dir", _cluster.DataDirectory);
        Assert.Equal("early", await logs.LineAsync(_ => true, Token));
        await File.WriteAllTextAsync(Path.Combine(gates, "open"), "", Token);
        Assert.Equal("late", await logs.LineAsync(_ => true, Token));
        Directory.Delete(gates, recursive: true);
        await _cluster.Api.DeleteAsync("pod", "talker", Token);
    }

    private Dictionary<string, string> Kubectl => new() { ["KUBECONFIG"] = _cluster.Kubeconfig, ["KUBECACHEDIR"] = Path.Combine(_cluster.DataDirectory, "kubectl-cache") };

    private async Task AddAsync(string name) => (await _cluster.ApplyAsync($"{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}}}}}", Token)).MustSucceed();
}
