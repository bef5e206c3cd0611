using System.Net;
using System.Net.Http;
using System.Net.Http.Json;
using System.Reflection;
using System.Text.Json.Nodes;

namespace Modular.EndToEnd;

/// <summary>What the API is made of, exchanged while clients use it.</summary>
public sealed class ApiExchangeTests : IDisposable
{
    // Often enough to meet every exchange, and not so often that it gets no processor.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly string _folder = Directory.CreateTempSubdirectory("modular-e2e-pages-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Clients_notice_nothing_when_who_knows_them_and_the_kinds_are_exchanged_and_what_was_chosen_outlasts_a_restart()
    {
        await using var cluster = await TestCluster.StartAsync(Token);
        using var client = ClusterHttp.Create(cluster.Kubeconfig, cluster.Port);
        using var ended = new CancellationTokenSource();
        var made = WriteAsync(client, ended.Token);
        foreach (var (role, plugin, place) in ((string, string, string)[])
            [
                ("auth-certificate", "auth-certificate", "process"), ("resources", "resources-kubernetes", "process"),
                ("auth-certificate", "auth-certificate", "in-process"), ("resources", "resources-kubernetes", "in-process"),
                ("auth-certificate", "auth-certificate", "process"),
            ])
        {
            (await cluster.RunAsync(Token, "plugins", "swap", role, plugin, "--isolation", place)).MustSucceed();
        }

        await ended.CancelAsync();
        var count = await made;
        Assert.True(count > 0);
        (await cluster.RunAsync(Token, "down")).MustSucceed();
        (await cluster.UpAsync(Token)).MustSucceed();
        Assert.Equal("process", (await cluster.GetAsync(Token, "plugin", "auth-certificate"))[0]["status"]!["isolation"]!.GetValue<string>());
        Assert.Equal(count, (await cluster.GetAsync(Token, "configmaps", "-l", "made=here")).Count);

        // The way back for whoever locked himself out.
        (await cluster.RunAsync(Token, "down")).MustSucceed();
        (await cluster.UpAsync(Token, "--distribution", Path.Combine(Repository.Root, "distributions", "dev.yaml"))).MustSucceed();
        while ((await cluster.GetAsync(Token, "plugin", "auth-certificate"))[0]["status"]!["isolation"]!.GetValue<string>() != "in-process")
        {
            // A cluster is up before its plugins' statuses are written.
            await Task.Delay(20, Token);
        }
    }

    [Fact]
    public async Task Paths_of_a_plugin_are_served_while_it_is_exchanged()
    {
        await using var cluster = await TestCluster.StartAsync(Token);
        (await cluster.RunAsync(Token, "plugins", "install", Built())).MustSucceed();
        (await cluster.ApplyAsync("""
            apiVersion: modular.dev/v1alpha1
            kind: Plugin
            metadata: {name: pages}
            spec: {plugin: http-fixture}
            """, Token)).MustSucceed();
        (await cluster.RunAsync(Token, "wait", "plugin/pages", "--for=condition=Ready", "--timeout=60s")).MustSucceed();
        using var client = ClusterHttp.Create(cluster.Kubeconfig, cluster.Port);
        using var ended = new CancellationTokenSource();
        var asked = Task.Run(async () =>
        {
            var times = 0;
            for (; !ended.IsCancellationRequested; times++)
            {
                using var answer = await client.GetAsync(new Uri("/fixture/given", UriKind.Relative), Token);
                Assert.Equal((HttpStatusCode.OK, "0"), (answer.StatusCode, await answer.Content.ReadAsStringAsync(Token)));
                await Task.Delay(Pause, Token);
            }

            return times;
        });
        foreach (var place in (string[])["in-process", "process", "process", "in-process"])
        {
            (await cluster.RunAsync(Token, "plugins", "swap", "pages", "http-fixture", "--isolation", place)).MustSucceed();
        }

        await ended.CancelAsync();
        Assert.True(await asked > 0);
    }

    /// <summary>A plugin with paths of its own. It answers for a node too, whose agents are exchanged one after the other: its manifest says that this one need not.</summary>
    private string Built()
    {
        var source = typeof(ApiExchangeTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "PluginFixture:http-fixture").Value!;
        foreach (var file in Directory.EnumerateFiles(source))
        {
            File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
        }

        var path = Path.Combine(_folder, "plugin.json");
        var manifest = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        manifest["exchange"] = "beside";
        File.WriteAllText(path, manifest.ToJsonString());
        return _folder;
    }

    /// <summary>Makes objects and reads them back until it is told to end; a single failure is one too many.</summary>
    private static Task<int> WriteAsync(HttpClient client, CancellationToken end) => Task.Run(async () =>
    {
        var path = new Uri("/api/v1/namespaces/default/configmaps", UriKind.Relative);
        var count = 0;
        for (; !end.IsCancellationRequested; count++)
        {
            var written = new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "ConfigMap",
                ["metadata"] = new JsonObject { ["name"] = $"made-{count}", ["labels"] = new JsonObject { ["made"] = "here" } },
            };
            using var made = await client.PostAsJsonAsync(path, written, Token);
            Assert.Equal((HttpStatusCode.Created, ""), (made.StatusCode, made.IsSuccessStatusCode ? "" : await made.Content.ReadAsStringAsync(Token)));
            using var read = await client.GetAsync(new Uri($"{path}/made-{count}", UriKind.Relative), Token);
            Assert.Equal(HttpStatusCode.OK, read.StatusCode);
            await Task.Delay(Pause, Token);
        }

        return count;
    });
}
