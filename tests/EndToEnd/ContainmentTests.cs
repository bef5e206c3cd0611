using System.Reflection;
using System.Text.Json.Nodes;

namespace Modular.EndToEnd;

/// <summary>
/// A scheduler that does what no plugin should, in the host's process and in one of its own: the API answers throughout, the role shows what is
/// wrong, and another takes it over.
/// </summary>
public sealed class ContainmentTests(ContainmentTests.OneCluster shared) : IClassFixture<ContainmentTests.OneCluster>
{
    private const string InProcess = "in-process";
    private const string OwnProcess = "process";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private TestCluster Cluster => shared.Cluster;

    private string AskedFile => Path.Combine(Cluster.DataDirectory, "plugins", "scheduler", "asked");

    [Theory]
    [InlineData(InProcess, "throws")]
    [InlineData(InProcess, "hangs")]
    [InlineData(InProcess, "blocks")]
    [InlineData(InProcess, "answers null")]
    [InlineData(InProcess, "answers too much")]
    [InlineData(InProcess, "answers rubbish")]
    [InlineData(InProcess, "leaks")]
    [InlineData(InProcess, "stop throws")]
    [InlineData(InProcess, "stop hangs")]
    [InlineData(OwnProcess, "throws")]
    [InlineData(OwnProcess, "hangs")]
    [InlineData(OwnProcess, "blocks")]
    [InlineData(OwnProcess, "answers null")]
    [InlineData(OwnProcess, "answers too much")]
    [InlineData(OwnProcess, "answers rubbish")]
    [InlineData(OwnProcess, "leaks")]
    [InlineData(OwnProcess, "stop throws")]
    [InlineData(OwnProcess, "throws on a thread")]
    [InlineData(OwnProcess, "overflows the stack")]
    [InlineData(OwnProcess, "exits")]
    [InlineData(OwnProcess, "allocates")]
    public async Task Another_takes_over_from_a_plugin_that_fails(string isolation, string fault)
    {
        await SwapAsync(isolation, fault);
        await CreatePodAsync();
        await AskedAsync();
        await TakenOverAsync();
    }

    [Theory]
    [InlineData("throws on a thread")]
    [InlineData("throws in the pool")]
    [InlineData("throws where nobody waits")]
    public async Task What_a_plugin_throws_where_nobody_handles_it_costs_that_work_only(string fault)
    {
        await SwapAsync(InProcess, fault);
        await CreatePodAsync();
        var degraded = await ConditionAsync("Degraded", "ThreadEnded");
        Assert.Equal("work of scheduler-fixture-faulty 1.0.0 ended: InvalidOperationException: nobody handles this", degraded);
        await TakenOverAsync();
        await UntilAsync(async () => Condition(await PluginAsync(), "Degraded", "ThreadEnded") is null);
    }

    [Theory]
    [InlineData(InProcess)]
    [InlineData(OwnProcess)]
    public async Task Spam_is_cut_short_and_counted(string isolation)
    {
        await SwapAsync(isolation, "spams");
        await CreatePodAsync();
        await AskedAsync();
        await TakenOverAsync();
        await UntilAsync(async () => await SpamAsync() >= 500);
        Assert.InRange(await SpamAsync(), 500, 20_000);
    }

    [Theory]
    [InlineData(InProcess, "start throws", "it can't start")]
    [InlineData(OwnProcess, "start throws", "it can't start")]
    [InlineData(OwnProcess, "start exits", "")]
    [InlineData(OwnProcess, "start allocates", "")]
    public async Task A_plugin_that_can_not_start_leaves_the_role_to_the_one_that_runs(string isolation, string fault, string reason)
    {
        await SetAsync(isolation, fault, "scheduler-fixture-faulty", MemoryOf(fault));
        var kept = await ConditionAsync("Degraded", "StartFailed");
        Assert.StartsWith("kept scheduler-binpack 0.1.0: ", kept, StringComparison.Ordinal);
        Assert.Contains(reason, kept, StringComparison.Ordinal);
        Assert.Equal("scheduler-binpack", (string?)(await PluginAsync())["status"]!["plugin"]);
        await CreatePodAsync();
        await TakenOverAsync();
    }

    [Fact]
    public async Task Limits_that_can_not_be_kept_are_refused_by_name()
    {
        var small = await Cluster.ApplyAsync(
            """
            apiVersion: modular.dev/v1alpha1
            kind: Plugin
            metadata: {name: scheduler}
            spec: {plugin: scheduler-fixture-faulty, isolation: process, limits: {memory: 1Mi}}
            """,
            Token);
        Assert.Contains("spec.limits.memory: Invalid value: \"1Mi\": write a quantity of bytes from 16Mi to 1Pi, such as 256Mi", small.Errors, StringComparison.Ordinal);
        await SetAsync(InProcess, "throws", "scheduler-fixture-faulty", "256Mi");
        Assert.Contains(
            "scheduler-fixture-faulty runs in the host's process and can't be limited there; set isolation to process, or remove limits",
            await ConditionAsync("Degraded", "NotLimitable"), StringComparison.Ordinal);
        await CreatePodAsync();
        await TakenOverAsync();
    }

    [Fact]
    public async Task A_plugins_description_says_what_is_not_contained()
    {
        var store = await DescribeAsync("store");
        Assert.Contains("# Not contained: a stack overflow, an exit,", store, StringComparison.Ordinal);
        Assert.Contains("A process of its own contains them: isolation: process in its entry of the distribution file", store, StringComparison.Ordinal);
        Assert.Contains("A process of its own contains them: ", await DescribeAsync("resources"), StringComparison.Ordinal);
        Assert.Contains("modular plugins swap scheduler scheduler-binpack --isolation process", await DescribeAsync("scheduler"), StringComparison.Ordinal);
        (await Cluster.RunAsync(Token, "plugins", "swap", "scheduler", "scheduler-binpack", "--isolation", OwnProcess)).MustSucceed();
        Assert.Contains("Its memory is not limited", await DescribeAsync("scheduler"), StringComparison.Ordinal);
        await SetAsync(OwnProcess, "", "scheduler-binpack", "256Mi");
        await UntilAsync(async () => (await DescribeAsync("scheduler")).Contains("Its memory is limited to 256Mi", StringComparison.Ordinal));
        await CreatePodAsync();
        await TakenOverAsync();
    }

    private async Task<string> DescribeAsync(string role) => (await Cluster.RunAsync(Token, "plugins", "describe", role)).MustSucceed().Output;

    private async Task SwapAsync(string isolation, string fault)
    {
        await SetAsync(isolation, fault, "scheduler-fixture-faulty", MemoryOf(fault));
        await UntilAsync(async () => (string?)(await PluginAsync())["status"]!["plugin"] == "scheduler-fixture-faulty");
        File.Delete(AskedFile);
    }

    /// <summary>Gives the role to the scheduler that works, and waits until it has placed the pod.</summary>
    private async Task TakenOverAsync()
    {
        await SetAsync(InProcess, "", "scheduler-binpack");
        await Cluster.WaitAsync("pod/victim", "condition=Ready", Token);
        await Cluster.Api.DeleteAsync("pod", "victim", Token);
    }

    private Task SetAsync(string isolation, string fault, string plugin, string memory = "") => Cluster.Api.PatchAsync(
        "plugin",
        "scheduler",
        new JsonObject
        {
            ["spec"] = new JsonObject
            {
                ["plugin"] = plugin,
                ["version"] = "",
                ["isolation"] = isolation,
                ["configuration"] = new JsonObject { ["fault"] = fault.Length > 0 ? fault : null },
                ["limits"] = new JsonObject { ["memory"] = memory.Length > 0 ? memory : null },
                ["instance"] = $"{Guid.NewGuid()}",
            },
        },
        Token);

    // Without a limit it would take all that this machine has.
    private static string MemoryOf(string fault) => fault.EndsWith("allocates", StringComparison.Ordinal) ? "256Mi" : "";

    private Task CreatePodAsync() => Cluster.Api.CreateAsync(
        "pods",
        JsonNode.Parse("""
            {
              "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "victim"},
              "spec": {"terminationGracePeriodSeconds": 0, "containers": [{"name": "main", "image": "host", "command": ["sleep", "600"]}]}
            }
            """)!.AsObject(),
        Token);

    /// <summary>Waits until the faulty scheduler was asked to place the pod.</summary>
    private Task AskedAsync() => UntilAsync(() => Task.FromResult(File.Exists(AskedFile)));

    private async Task<string> ConditionAsync(string type, string reason)
    {
        string? message = null;
        await UntilAsync(async () => (message = Condition(await PluginAsync(), type, reason)) is not null);
        return message!;
    }

    private static string? Condition(JsonNode plugin, string type, string reason) => plugin["status"]!["conditions"]!.AsArray()
        .Where(c => (string?)c!["type"] == type && (string?)c["reason"] == reason && (string?)c["status"] == "True").Select(c => (string?)c!["message"]).FirstOrDefault();

    private async Task<JsonNode> PluginAsync() => (await Cluster.GetAsync(Token, "plugin", "scheduler"))[0];

    private async Task<int> SpamAsync() => (await File.ReadAllLinesAsync(Cluster.LogFile, Token)).Count(line => line.Contains(" spam ", StringComparison.Ordinal));

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
        {
            await Task.Delay(20, Token);
        }
    }

    /// <summary>A cluster with the faulty scheduler installed.</summary>
    public sealed class OneCluster : IAsyncLifetime
    {
        internal TestCluster Cluster { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Cluster = await TestCluster.StartAsync(Token);
            var built = typeof(ContainmentTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == "PluginFixture:scheduler-fixture-faulty").Value!;
            (await Cluster.RunAsync(Token, "plugins", "install", built)).MustSucceed();
        }

        public ValueTask DisposeAsync() => Cluster.DisposeAsync();
    }
}
