namespace Modular.EndToEnd;

/// <summary>What was there before a cluster was down is there again afterwards.</summary>
public sealed class RestartTests
{
    [Theory]
    [MemberData(nameof(ClusterModes.Both), MemberType = typeof(ClusterModes))]
    public async Task Pods_run_again_after_the_cluster_was_down(string mode)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var cluster = await TestCluster.StartAsync(cancellation, "--mode", mode);
        (await cluster.ApplyAsync(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: stays}
            spec:
              containers:
              - {name: main, image: host, command: [sleep, "4242"]}
            """, cancellation)).MustSucceed();
        await cluster.WaitAsync("pod/stays", "condition=Ready", cancellation);
        (await cluster.RunAsync(cancellation, "down")).MustSucceed();
        (await cluster.UpAsync(cancellation, "--mode", mode)).MustSucceed();

        // Once its container runs for the second time, commands reach it.
        CommandResult ran;
        do
        {
            ran = await cluster.RunAsync(cancellation, "exec", "stays", "--", "echo", "here");
        }
        while (ran.Code != 0);

        Assert.Equal("here\n", ran.Output);
        var pod = (await cluster.GetAsync(cancellation, "pod", "stays"))[0];
        Assert.Equal("Running", pod["status"]!["phase"]!.GetValue<string>());
    }
}
