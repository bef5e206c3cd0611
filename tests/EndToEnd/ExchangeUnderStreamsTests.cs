using System.Globalization;

namespace Modular.EndToEnd;

/// <summary>Commands in containers and followed logs, while the plugins that carry them are exchanged.</summary>
public sealed class ExchangeUnderStreamsTests
{
    private const string Count = "i=0; while true; do i=$((i+1)); echo $i; sleep 0.05; done";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData]
    [InlineData("node-agent", "runtime")]
    public async Task They_go_on_without_losing_a_line_and_new_ones_are_carried_by_the_new(params string[] apart)
    {
        await using var isolated = await IsolatedCluster.StartAsync(apart);
        var cluster = isolated.Cluster;
        (await cluster.ApplyAsync($$"""
            apiVersion: v1
            kind: Pod
            metadata: {name: counter}
            spec:
              terminationGracePeriodSeconds: 0
              containers: [{name: main, image: host, command: [sh, -c, "{{Count}}"]}]
            """, Token)).MustSucceed();
        (await cluster.RunAsync(Token, "wait", "pod/counter", "--for=condition=Ready", "--timeout=60s")).MustSucceed();
        await using var log = Start(cluster, "logs", "-f", "counter");
        await using var command = Start(cluster, "exec", "counter", "--", "sh", "-c", Count);
        var (logged, printed) = (0, 0);
        foreach (var (role, plugin) in ((string, string)[])[("runtime", "runtime-native"), ("node-agent", "node-agent"), ("runtime", "runtime-native")])
        {
            printed = await GoesOnAsync(command, printed);
            (await cluster.RunAsync(Token, "plugins", "swap", role, plugin)).MustSucceed();
            logged = await GoesOnAsync(log, logged);
            Assert.Equal("new\n", (await cluster.RunAsync(Token, "exec", "counter", "--", "echo", "new")).MustSucceed().Output);
        }

        await GoesOnAsync(command, printed);
        (await cluster.RunAsync(Token, "delete", "pod", "counter")).MustSucceed();
        // The log ends with its container, also for those that an earlier agent serves.
        await Assert.ThrowsAsync<InvalidOperationException>(() => log.LineAsync(_ => false, Token));
        await Assert.ThrowsAsync<InvalidOperationException>(() => command.LineAsync(_ => false, Token));
    }

    /// <summary>Reads more lines than can have been on their way before, none missing.</summary>
    private static async Task<int> GoesOnAsync(RunningCommand counter, int last)
    {
        for (var end = last + 40; last < end;)
        {
            Assert.Equal(++last, int.Parse(await counter.LineAsync(_ => true, Token), CultureInfo.InvariantCulture));
        }

        return last;
    }

    private static RunningCommand Start(TestCluster cluster, string command, params string[] arguments) =>
        RunningCommand.Start(Repository.Modular, new Dictionary<string, string>(), [command, "--data-dir", cluster.DataDirectory, .. arguments]);
}
