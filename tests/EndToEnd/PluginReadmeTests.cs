using System.Text.Json.Nodes;

namespace Modular.EndToEnd;

/// <summary>The examples and defaults in the plugins' READMEs start a cluster.</summary>
public sealed class PluginReadmeTests
{
    // Of plugins that provide the same, the second takes its turn in a run of its own.
    private static readonly string[] Alternatives = ["scheduler-", "runtime-"];

    [Theory]
    [InlineData("scheduler-binpack", "runtime-native")]
    [InlineData("scheduler-spread", "runtime-simulated")]
    public async Task The_examples_run(string scheduler, string runtime)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var cluster = new TestCluster();
        await MakeAuthorityAsync(cluster, cancellation);
        var entries = Chosen(scheduler, runtime).Select(readme => readme.Example.Replace("/var/lib/modular", cluster.DataDirectory, StringComparison.Ordinal)).ToList();

        await StartAsync(cluster, entries, cancellation);

        var plugins = await cluster.GetAsync(cancellation, "plugins");
        Assert.Equal(JsonNode.Parse("""{"batchSize":512}""")!.ToJsonString(), Find(plugins, "scheduling")["spec"]!["configuration"]!.ToJsonString());
        Assert.Equal(scheduler, Find(plugins, "scheduler")["spec"]!["plugin"]!.GetValue<string>());
        Assert.Equal(runtime, Find(plugins, "runtime")["spec"]!["plugin"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("scheduler-binpack", "runtime-native")]
    [InlineData("scheduler-spread", "runtime-simulated")]
    public async Task The_defaults_are_settings_that_the_plugins_know(string scheduler, string runtime)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var cluster = new TestCluster();
        var entries = Chosen(scheduler, runtime).Select(readme => readme.Defaults(NameIn(readme.Example))).ToList();
        Assert.Contains(entries, entry => entry.Contains("nodeGraceSeconds: 40", StringComparison.Ordinal));

        await StartAsync(cluster, entries, cancellation);
    }

    private static IEnumerable<PluginReadme> Chosen(params string[] chosen) => PluginReadme.All.Where(
        readme => chosen.Contains(readme.Plugin) || !Alternatives.Any(role => readme.Plugin.StartsWith(role, StringComparison.Ordinal)));

    private static string NameIn(string example) => example.Split('\n')[0]["- name: ".Length..];

    private static async Task StartAsync(TestCluster cluster, List<string> entries, CancellationToken cancellation)
    {
        Assert.All(entries, entry => Assert.StartsWith("- name: ", entry, StringComparison.Ordinal));
        var file = Path.Combine(cluster.DataDirectory, "readme.yaml");
        await File.WriteAllTextAsync(
            file, "apiVersion: modular.dev/v1alpha1\nkind: Distribution\nmetadata: {name: readme}\nplugins:\n" + string.Concat(entries), cancellation);
        (await cluster.UpAsync(cancellation, "--distribution", file)).MustSucceed();

        var plugins = await cluster.GetAsync(cancellation, "plugins");
        while (plugins.Any(plugin => plugin["status"]?["phase"] is null))
        {
            // A cluster is up before its plugins' statuses are written.
            await Task.Delay(20, cancellation);
            plugins = await cluster.GetAsync(cancellation, "plugins");
        }

        Assert.Equal(entries.Count, plugins.Count);
        Assert.All(plugins, plugin => Assert.Equal("Running", plugin["status"]!["phase"]!.GetValue<string>()));
    }

    // An example names the authority's file, which the first start of a cluster makes.
    private static async Task MakeAuthorityAsync(TestCluster cluster, CancellationToken cancellation)
    {
        await using var first = await TestCluster.StartAsync(cancellation);
        var pki = Directory.CreateDirectory(Path.Combine(cluster.DataDirectory, "pki")).FullName;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(first.DataDirectory, "pki")))
        {
            File.Copy(file, Path.Combine(pki, Path.GetFileName(file)));
        }
    }

    private static JsonObject Find(IReadOnlyList<JsonObject> plugins, string name) =>
        plugins.Single(plugin => plugin["metadata"]!["name"]!.GetValue<string>() == name);
}
