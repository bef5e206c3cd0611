namespace Modular.EndToEnd;

/// <summary>What kubectl does with the streams of a container's own program: run -i, run -it and attach.</summary>
public sealed class AttachTests(AttachTests.ClusterOfEachMode shared) : IClassFixture<AttachTests.ClusterOfEachMode>
{
    // One that repeats what it reads, and says now and then that it is there: who reads a tick is attached.
    private const string Echo =
        "while true; do echo tick; sleep 0.1; done & while read line; do echo got $line; done; wait";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(ClusterModes.Both), MemberType = typeof(ClusterModes))]
    public async Task A_pod_is_run_like_a_command(string mode)
    {
        var cluster = await shared.OfAsync(mode);
        var said = await RunAsync(cluster, "echo one; echo two >&2; exit 7\n", "sh");
        Assert.Equal((7, "one\n"), (said.Code, said.Output));
        Assert.Matches("(?m)^two$", said.Errors);
        Assert.DoesNotContain("couldn't attach", said.Errors, StringComparison.Ordinal);
        var text = string.Concat(Enumerable.Range(0, 100_000).Select(number => $"{number}\n"));
        var copied = await RunAsync(cluster, text, "cat");
        Assert.Equal((0, text.Length), (copied.Code, copied.Output.Length));
        Assert.Equal(text, copied.Output);
        Assert.Empty((await cluster.KubectlAsync(Token, "get", "pods", "-o", "name")).MustSucceed().Output);
    }

    [Theory]
    [MemberData(nameof(ClusterModes.Both), MemberType = typeof(ClusterModes))]
    public async Task A_pod_is_run_in_a_terminal(string mode)
    {
        var cluster = await shared.OfAsync(mode);
        await using var terminal = TerminalCommand.Start(
            rows: 40, columns: 100, cluster.KubectlEnvironment, "kubectl", "run", "-it", "--rm", "--restart=Never", "box", "--image=host", "--", "sh");
        await terminal.ReadAsync("try pressing enter.", Token);
        // What is typed is echoed too: only the answers hold these words.
        await terminal.TypeAsync("until [ \"$(stty size)\" = '40 100' ]; do sleep 0.1; done; test -t 1 && echo term''inal $TERM $(tty)\n", Token);
        var shown = await terminal.ReadAsync("terminal xterm /dev/pts/", Token);
        Assert.DoesNotContain("couldn't attach", shown, StringComparison.Ordinal);
        // Interrupted as at any terminal.
        await terminal.TypeAsync("echo sleep''s; sleep 1000\n", Token);
        await terminal.ReadAsync("sleeps", Token);
        await terminal.TypeAsync("\u0003", Token);
        await terminal.TypeAsync("echo inter''rupted; exit 5\n", Token);
        await terminal.ReadAsync("interrupted", Token);
        Assert.Equal(5, await terminal.EndAsync(Token));
        Assert.Empty((await cluster.KubectlAsync(Token, "get", "pods", "-o", "name")).MustSucceed().Output);
    }

    [Theory]
    [MemberData(nameof(ClusterModes.Both), MemberType = typeof(ClusterModes))]
    public async Task Who_attaches_hears_what_comes_and_may_come_back_after_a_restart_of_the_host(string mode)
    {
        await using var cluster = await StartAsync("--mode", mode);
        await ApplyAsync(cluster, "echo", Echo, "stdin: true");
        var run = await RunOfAsync(cluster);
        await using (var first = Attach(cluster, "echo"))
        await using (var second = Attach(cluster, "echo"))
        {
            await first.LineAsync(line => line == "tick", Token);
            await second.LineAsync(line => line == "tick", Token);
            // Whose input has ended goes, and leaves the container's open.
            (await cluster.KubectlAsync("one\n", Token, "attach", "-i", "echo")).MustSucceed();
            await first.LineAsync(line => line == "got one", Token);
            await second.LineAsync(line => line == "got one", Token);
        }

        using (var host = System.Diagnostics.Process.GetProcessById(cluster.HostPid))
        {
            host.Kill();
            await host.WaitForExitAsync(Token);
        }

        (await cluster.UpAsync(Token, "--mode", mode)).MustSucceed();
        await cluster.WaitAsync("pod/echo", "condition=Ready", Token);
        await using (var again = Attach(cluster, "echo"))
        {
            Assert.Equal("tick", await again.LineAsync(_ => true, Token));
            (await cluster.KubectlAsync("two\n", Token, "attach", "-i", "echo")).MustSucceed();
            await again.LineAsync(line => line == "got two", Token);
        }

        Assert.Equal(run, await RunOfAsync(cluster));
        var log = (await cluster.KubectlAsync(Token, "logs", "echo")).MustSucceed().Output.Split('\n').Where(line => line.Length > 0 && line != "tick");
        Assert.Equal(["got one", "got two"], log);
    }

    [Theory]
    [MemberData(nameof(ClusterModes.Both), MemberType = typeof(ClusterModes))]
    public async Task An_input_for_once_ends_with_the_first_who_gives_one(string mode)
    {
        var cluster = await shared.OfAsync(mode);
        await ApplyAsync(cluster, "once", "cat; echo end; exit 3", "stdin: true, stdinOnce: true");
        // Who only looks gives none.
        await using (var looking = Attach(cluster, "once"))
        {
            var given = (await cluster.KubectlAsync("in\n", Token, "attach", "-i", "once")).MustSucceed();
            Assert.Equal("in\nend\n", given.Output);
        }

        await cluster.WaitAsync("pod/once", "jsonpath={.status.phase}=Failed", Token);
        Assert.Equal("in\nend\n", (await cluster.KubectlAsync(Token, "logs", "once")).MustSucceed().Output);
        var late = await cluster.KubectlAsync(Token, "attach", "once");
        Assert.Contains("cannot attach a container in a completed pod", late.Errors, StringComparison.Ordinal);
        (await cluster.KubectlAsync(Token, "delete", "pod", "once")).MustSucceed();
    }

    [Fact]
    public async Task What_can_not_be_is_said_in_Kubernetes_words()
    {
        await using var cluster = await StartAsync();
        (await cluster.ApplyAsync("""
            apiVersion: v1
            kind: Pod
            metadata: {name: two}
            spec:
              terminationGracePeriodSeconds: 0
              containers:
              - {name: a, image: host, command: [sh, -c, "while true; do echo tick; sleep 0.1; done"]}
              - {name: b, image: host, command: [sh, -c, "read line; echo read nothing; exec sleep 600"]}
            """, Token)).MustSucceed();
        await cluster.WaitAsync("pod/two", "condition=Ready", Token);
        foreach (var (query, message) in new[]
        {
            ("stdout=true", "a container name must be specified for pod two, choose one of: [a b]"),
            ("container=c&stdout=true", "container c is not valid for pod two"),
            ("container=a", "you must specify at least 1 of stdin, stdout, stderr"),
            ("container=a&stdout=true", "attach needs a WebSocket; the older SPDY protocol is not served"),
        })
        {
            var refused = await cluster.KubectlAsync(Token, "get", "--raw", $"/api/v1/namespaces/default/pods/two/attach?{query}");
            Assert.Equal((1, $"Error from server (BadRequest): {message}\n"), (refused.Code, refused.Errors));
        }

        Assert.Contains("container c not found in pod two", (await cluster.KubectlAsync(Token, "attach", "two", "-c", "c")).Errors, StringComparison.Ordinal);
        await using var terminal = TerminalCommand.Start(rows: 40, columns: 100, cluster.KubectlEnvironment, "kubectl", "attach", "-it", "two", "-c", "a");
        await terminal.ReadAsync("error: Unable to use a TTY - container a did not allocate one", Token);
        await terminal.ReadAsync("tick", Token);
        // Its input is empty from the beginning.
        while (!(await cluster.KubectlAsync(Token, "logs", "two", "-c", "b")).Output.Contains("read nothing", StringComparison.Ordinal))
        {
            await Task.Delay(20, Token);
        }
    }

    [Fact]
    public async Task Nobody_attaches_to_what_is_simulated()
    {
        await using var cluster = await StartAsync("--distribution", "simulated");
        (await cluster.KubectlAsync(Token, "run", "hollow", "--image=host")).MustSucceed();
        await cluster.WaitAsync("pod/hollow", "condition=Ready", Token);
        var refused = await cluster.KubectlAsync(Token, "attach", "hollow");
        Assert.Equal(1, refused.Code);
        Assert.Contains("runtime-simulated lets nobody attach to containers", refused.Errors, StringComparison.Ordinal);
    }

    private static Task<TestCluster> StartAsync(params string[] arguments)
    {
        SharedCluster.NeedsKubectl();
        return TestCluster.StartAsync(Token, arguments);
    }

    private static Task<CommandResult> RunAsync(TestCluster cluster, string input, params string[] command) =>
        cluster.KubectlAsync(input, Token, ["run", "-i", "--rm", "--quiet", "--restart=Never", "box", "--image=host", "--", .. command]);

    private static async Task ApplyAsync(TestCluster cluster, string name, string script, string input)
    {
        (await cluster.ApplyAsync($$"""
            apiVersion: v1
            kind: Pod
            metadata: {name: {{name}}}
            spec:
              restartPolicy: Never
              terminationGracePeriodSeconds: 0
              containers: [{name: main, image: host, {{input}}, command: [sh, -c, "{{script}}"]}]
            """, Token)).MustSucceed();
        await cluster.WaitAsync($"pod/{name}", "condition=Ready", Token);
    }

    private static RunningCommand Attach(TestCluster cluster, string pod) => RunningCommand.Start("kubectl", cluster.KubectlEnvironment, "attach", "--quiet", pod);

    private static async Task<string> RunOfAsync(TestCluster cluster)
    {
        var status = (await cluster.GetAsync(Token, "pod", "echo"))[0]["status"]!["containerStatuses"]![0]!;
        return $"{status["containerID"]} {status["restartCount"]}";
    }

    /// <summary>A cluster of each mode, made when a test first asks for it; each test leaves it without pods.</summary>
    public sealed class ClusterOfEachMode : IAsyncDisposable
    {
        private readonly Dictionary<string, TestCluster> _clusters = new(StringComparer.Ordinal);

        public async ValueTask DisposeAsync()
        {
            foreach (var cluster in _clusters.Values)
            {
                await cluster.DisposeAsync();
            }
        }

        internal async Task<TestCluster> OfAsync(string mode)
        {
            if (!_clusters.TryGetValue(mode, out var cluster))
            {
                _clusters[mode] = cluster = await StartAsync("--mode", mode);
            }

            return cluster;
        }
    }
}
