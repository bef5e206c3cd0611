using System.IO.Compression;
using System.Text.Json.Nodes;

namespace Modular.EndToEnd;

/// <summary>A vendor's build is installed, takes a role over, gives it back, and is removed.</summary>
public sealed class PluginInstallTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("modular-e2e-vendor-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_build_is_installed_exchanged_rolled_back_and_removed()
    {
        await using var cluster = await TestCluster.StartAsync(Token);
        var zip = Path.Combine(_folder, "mine.zip");
        await ZipFile.CreateFromDirectoryAsync(Build("scheduler-mine", "1.0.0"), zip, Token);
        Assert.StartsWith("scheduler-mine 1.0.0 installed in ", await DoAsync(cluster, "install", zip), StringComparison.Ordinal);
        await DoAsync(cluster, "install", Build("scheduler-mine", "1.1.0"));
        var available = await DoAsync(cluster, "available");
        Assert.Contains(available.Split('\n'), line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["scheduler-mine", "1.1.0", "modular.scheduler", "in-process", "<none>", "installed"]);
        Assert.Contains(available.Split('\n'), line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["scheduler-binpack", _, _, _, "<none>", "built", "in"]);

        Assert.Contains("was never exchanged", await RefusedAsync(cluster, "rollback", "scheduler"), StringComparison.Ordinal);
        Assert.Equal("plugin/scheduler is scheduler-mine 1.0.0\n", await DoAsync(cluster, "swap", "scheduler", "scheduler-mine", "--version", "1.0.0"));
        Assert.Equal("plugin/scheduler is scheduler-mine 1.1.0\n", await DoAsync(cluster, "swap", "scheduler", "scheduler-mine"));
        Assert.Equal("plugin/scheduler is scheduler-mine 1.0.0\n", await DoAsync(cluster, "rollback", "scheduler"));
        Assert.Contains("is used by scheduler", await RefusedAsync(cluster, "remove", "scheduler-mine", "1.0.0"), StringComparison.Ordinal);

        // What ran before is known after a restart too.
        await DoAsync(cluster, "swap", "scheduler", "scheduler-binpack");
        (await cluster.RunAsync(Token, "down")).MustSucceed();
        (await cluster.UpAsync(Token)).MustSucceed();
        Assert.Equal("plugin/scheduler is scheduler-mine 1.0.0\n", await DoAsync(cluster, "rollback", "scheduler"));
        Assert.Equal("plugin/scheduler is scheduler-binpack 0.1.0\n", await DoAsync(cluster, "rollback", "scheduler"));
        Assert.Equal("scheduler-mine 1.0.0 removed\n", await DoAsync(cluster, "remove", "scheduler-mine", "1.0.0"));
        Assert.Contains("scheduler-mine is not installed in version 1.0.0", await RefusedAsync(cluster, "rollback", "scheduler"), StringComparison.Ordinal);
        Assert.Equal("scheduler-binpack", (await StatusAsync(cluster, "scheduler"))["plugin"]!.GetValue<string>());

        // A wish that can't be had costs nothing at the next start either.
        (await cluster.RunAsync(Token, "down")).MustSucceed();
        (await cluster.UpAsync(Token)).MustSucceed();
        var kept = await StatusAsync(cluster, "scheduler");
        Assert.Equal(("scheduler-binpack", "Running"), (kept["plugin"]!.GetValue<string>(), kept["phase"]!.GetValue<string>()));

        await DoAsync(cluster, "try", "scheduler", "scheduler-mine", "--version", "1.1.0");
        Assert.Contains(
            "scheduler-mine 1.1.0 is tried as scheduler-candidate; 'modular delete plugin scheduler-candidate' ends the trial",
            await RefusedAsync(cluster, "remove", "scheduler-mine", "1.1.0"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_that_was_disabled_stays_so()
    {
        await using var cluster = await TestCluster.StartAsync(Token);
        Assert.Equal("plugin/dns disabled\n", await DoAsync(cluster, "disable", "dns"));
        Assert.Equal("Stopped", (await StatusAsync(cluster, "dns"))["phase"]!.GetValue<string>());
        Assert.EndsWith("# It does not run, so there is nothing to contain.\n", await DoAsync(cluster, "describe", "dns"), StringComparison.Ordinal);
        Assert.Equal("modular: dns is disabled, so there is nothing to exchange; 'modular plugins enable dns' comes first", await RefusedAsync(cluster, "swap", "dns", "dns"));
        (await cluster.RunAsync(Token, "down")).MustSucceed();
        (await cluster.UpAsync(Token)).MustSucceed();
        Assert.Equal("Stopped", (await StatusAsync(cluster, "dns"))["phase"]!.GetValue<string>());
        Assert.Equal("plugin/dns enabled\n", await DoAsync(cluster, "enable", "dns"));
        Assert.Equal("Running", (await StatusAsync(cluster, "dns"))["phase"]!.GetValue<string>());
        Assert.Contains("the API needs it as it is", await RefusedAsync(cluster, "disable", "store"), StringComparison.Ordinal);

        // Without pods and their like there are plugins still, or nobody could bring them back.
        Assert.Equal("plugin/resources disabled\n", await DoAsync(cluster, "disable", "resources"));
        Assert.Equal("plugin/resources enabled\n", await DoAsync(cluster, "enable", "resources"));
        Assert.Empty(await cluster.GetAsync(Token, "pods"));
    }

    [Fact]
    public async Task Of_two_who_exchange_a_role_at_once_one_learns_of_the_other()
    {
        await using var cluster = await TestCluster.StartAsync(Token);
        var both = await Task.WhenAll(
            cluster.RunAsync(Token, "plugins", "swap", "scheduler", "scheduler-spread"), cluster.RunAsync(Token, "plugins", "swap", "scheduler", "scheduler-binpack"));
        Assert.All(both.Where(result => result.Code != 0), result => Assert.Contains("meanwhile; 'modular plugins describe scheduler' shows what became of it", result.Errors, StringComparison.Ordinal));
        Assert.Contains(both, result => result.Code == 0);
        Assert.Contains("<name> is empty", await RefusedAsync(cluster, "swap", "", "scheduler-spread"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_can_not_be_installed_is_refused_and_leaves_nothing()
    {
        await using var cluster = new TestCluster();
        Assert.Contains("holds no plugin.json", await RefusedAsync(cluster, "install", _folder), StringComparison.Ordinal);
        Assert.Contains("nowhere does not exist; name the folder of a plugin, or a zip file of it", await RefusedAsync(cluster, "install", Path.Combine(_folder, "nowhere")), StringComparison.Ordinal);
        var above = Path.Combine(Repository.Root, "artifacts", "dist", "plugins", "scheduler-spread");
        Assert.Contains($"but the folder of a version does; name {above}/0.1.0", await RefusedAsync(cluster, "install", above), StringComparison.Ordinal);
        var text = Path.Combine(_folder, "text.zip");
        await File.WriteAllTextAsync(text, "no archive", Token);
        Assert.Contains("can't be installed", await RefusedAsync(cluster, "install", text), StringComparison.Ordinal);

        var outside = Path.Combine(_folder, "outside.zip");
        await using (var archive = await ZipFile.OpenAsync(outside, ZipArchiveMode.Create, Token))
        {
            archive.CreateEntry("../../evil");
        }

        Assert.Contains("can't be installed", await RefusedAsync(cluster, "install", outside), StringComparison.Ordinal);
        var twice = Path.Combine(_folder, "twice.zip");
        await using (var archive = await ZipFile.OpenAsync(twice, ZipArchiveMode.Create, Token))
        {
            archive.CreateEntry("plugin.json");
            archive.CreateEntry("plugin.json");
        }

        Assert.Contains($"The file '{twice}/plugin.json' already exists", await RefusedAsync(cluster, "install", twice), StringComparison.Ordinal);
        var nested = Path.Combine(_folder, "nested.zip");
        await ZipFile.CreateFromDirectoryAsync(Build("scheduler-nested", "1.0.0"), nested, CompressionLevel.Fastest, includeBaseDirectory: true, Token);
        Assert.Contains("has scheduler-nested-1.0.0/plugin.json in a folder; pack what is in the folder", await RefusedAsync(cluster, "install", nested), StringComparison.Ordinal);
        var future = Build("scheduler-future", "2.0.0", manifest => manifest["provides"]![0]!["range"] = "[7.0.0,8.0.0)");
        Assert.Contains(
            "scheduler-future provides modular.scheduler [7.0.0,8.0.0), this host has 0.1.0", await RefusedAsync(cluster, "install", future), StringComparison.Ordinal);
        var broken = Build("scheduler-broken", "2.0.0", manifest => manifest.Remove("entryType"));
        Assert.Contains($"{broken}/plugin.json: entryType: is missing", await RefusedAsync(cluster, "install", broken), StringComparison.Ordinal);
        Assert.Contains("is installed already", await RefusedAsync(cluster, "install", Build("scheduler-binpack", "0.1.0")), StringComparison.Ordinal);
        Assert.Contains("comes with this program", await RefusedAsync(cluster, "remove", "scheduler-binpack", "0.1.0"), StringComparison.Ordinal);
        Assert.Contains("is not installed", await RefusedAsync(cluster, "remove", "..", "pki"), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(cluster.DataDirectory, "installed")));
    }

    [Fact]
    public async Task What_can_not_run_apart_is_refused_and_the_old_stays()
    {
        await using var cluster = await TestCluster.StartAsync(Token);
        await DoAsync(cluster, "install", Build("scheduler-needy", "1.0.0", manifest =>
            manifest["requires"] = JsonNode.Parse("""[{"contract":"modular.authenticator","range":"[0.1.0,0.2.0)"}]""")));
        Assert.Contains(
            "kept scheduler-binpack 0.1.0: scheduler-needy can't run in a process of its own: it requires modular.authenticator, which can't be called from there",
            await RefusedAsync(cluster, "swap", "scheduler", "scheduler-needy", "--isolation", "process"), StringComparison.Ordinal);
        var scheduler = await StatusAsync(cluster, "scheduler");
        Assert.Equal(("in-process", "Running"), (scheduler["isolation"]!.GetValue<string>(), scheduler["phase"]!.GetValue<string>()));
        var wrong = await cluster.RunAsync(Token, "plugins", "swap", "dns", "dns", "--isolation", "virtual-machine");
        Assert.Contains("virtual-machine", wrong.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_plugin_may_do_to_the_machine_is_granted_by_its_role_or_it_does_not_run()
    {
        await using var cluster = await TestCluster.StartAsync(Token);
        var installed = await DoAsync(cluster, "install", Build("scheduler-reaching", "1.0.0", manifest => manifest["hostPrivileges"] = new JsonArray("net-admin", "chown")));
        Assert.Contains("it asks for host privileges: chown, net-admin; a role must grant them", installed, StringComparison.Ordinal);
        Assert.Contains((await DoAsync(cluster, "available")).Split('\n'), line => line.Contains("scheduler-reaching", StringComparison.Ordinal) && line.Contains(" chown,net-admin ", StringComparison.Ordinal));
        Assert.Contains(
            "kept scheduler-binpack 0.1.0: scheduler-reaching asks for host privileges that scheduler does not grant: chown; grant them",
            await RefusedAsync(cluster, "swap", "scheduler", "scheduler-reaching", "--grant", "net-admin"), StringComparison.Ordinal);
        Assert.Contains("spec.privileges[1]: Invalid value: \"root\": write a Linux capability", await RefusedAsync(cluster, "swap", "scheduler", "scheduler-reaching", "--grant", "chown,root"), StringComparison.Ordinal);
        Assert.Contains("does not grant: chown, net-admin", await RefusedAsync(cluster, "try", "scheduler", "scheduler-reaching"), StringComparison.Ordinal);
        Assert.Contains("a shadow of scheduler", await DoAsync(cluster, "try", "scheduler", "scheduler-reaching", "--grant", "all"), StringComparison.Ordinal);

        await DoAsync(cluster, "swap", "scheduler", "scheduler-reaching", "--isolation", "process", "--grant", "chown,net-admin,sys-time");
        Assert.Contains("# Of the host's privileges it has chown, net-admin at most, beside those on files.", await DoAsync(cluster, "describe", "scheduler"), StringComparison.Ordinal);

        // Without a grant of its own, the next swap keeps what was granted; a rollback brings that of before back.
        await DoAsync(cluster, "swap", "scheduler", "scheduler-binpack");
        Assert.Contains("# Of the host's privileges it has none but those on files.", await DoAsync(cluster, "describe", "scheduler"), StringComparison.Ordinal);
        await DoAsync(cluster, "rollback", "scheduler");
        var plugin = (await cluster.GetAsync(Token, "plugin", "scheduler"))[0];
        Assert.Equal("""["chown","net-admin"]""", plugin["status"]!["privileges"]!.ToJsonString());
        Assert.Equal("""["chown","net-admin","sys-time"]""", plugin["spec"]!["privileges"]!.ToJsonString());
    }

    /// <summary>A vendor's plugin: a scheduler of this repository under another name.</summary>
    private string Build(string id, string version, Action<JsonObject>? change = null)
    {
        var source = Path.Combine(Repository.Root, "artifacts", "dist", "plugins", "scheduler-spread", "0.1.0");
        var folder = Directory.CreateDirectory(Path.Combine(_folder, $"{id}-{version}")).FullName;
        foreach (var file in Directory.EnumerateFiles(source))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        var manifest = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "plugin.json")))!.AsObject();
        manifest["id"] = id;
        manifest["version"] = version;
        change?.Invoke(manifest);
        File.WriteAllText(Path.Combine(folder, "plugin.json"), manifest.ToJsonString());
        return folder;
    }

    private static async Task<string> DoAsync(TestCluster cluster, params string[] arguments) =>
        (await cluster.RunAsync(Token, ["plugins", .. arguments])).MustSucceed().Output;

    private static async Task<string> RefusedAsync(TestCluster cluster, params string[] arguments)
    {
        var result = await cluster.RunAsync(Token, ["plugins", .. arguments]);
        Assert.NotEqual(0, result.Code);
        return Assert.Single(result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static async Task<JsonNode> StatusAsync(TestCluster cluster, string role) => (await cluster.GetAsync(Token, "plugin", role))[0]["status"]!;
}
