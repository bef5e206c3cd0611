using System.Reflection;
using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace Modular.EndToEnd;

/// <summary><c>modular plugins verify</c> on built plugins.</summary>
public sealed class VerifyTests : IDisposable
{
    private const string Good = "scheduler-binpack";

    private readonly string _folder = Directory.CreateTempSubdirectory("modular-e2e-verify-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string Plugins => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Repository.Modular)!, "..", "plugins"));

    private static string Faulty => typeof(VerifyTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "PluginFixture:scheduler-fixture-faulty").Value!;

    private string Report => Path.Combine(_folder, "report.xml");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_good_plugin_passes_each_check_in_both_places()
    {
        var result = await VerifyAsync(Built(Good), "--junit", Report);

        Assert.Equal((0, ""), (result.Code, result.Errors));
        var lines = result.Output.TrimEnd().Split('\n');
        Assert.Contains("passed  SchedulerInProcess.EachPodIsAnsweredInOrder", lines);
        Assert.Contains("passed  SchedulerInItsOwnProcess.EachPodIsAnsweredInOrder", lines);
        Assert.All(lines[..^1], line => Assert.StartsWith("passed  Scheduler", line, StringComparison.Ordinal));
        Assert.Equal($"{lines.Length - 1} passed, 0 failed, 0 skipped", lines[^1]);
        Assert.Equal(lines.Length - 1, XDocument.Load(Report).Descendants("testcase").Count());
        Assert.Empty(XDocument.Load(Report).Descendants("failure"));
    }

    [Fact]
    public async Task A_faulty_plugin_fails_and_the_report_says_what()
    {
        var result = await VerifyAsync(Faulty, "--in-process", "--configuration", """{"fault": "answers too much"}""", "--junit", Report);

        Assert.Equal((1, ""), (result.Code, result.Errors));
        var lines = result.Output.TrimEnd().Split('\n');
        Assert.Contains("failed  SchedulerInProcess.EachPodIsAnsweredInOrder", lines);
        Assert.DoesNotContain("SchedulerInItsOwnProcess", result.Output, StringComparison.Ordinal);
        var failures = lines.Count(line => line.StartsWith("failed  ", StringComparison.Ordinal));
        Assert.EndsWith($" passed, {failures} failed, 0 skipped", lines[^1], StringComparison.Ordinal);
        Assert.Equal(failures, XDocument.Load(Report).Descendants("failure").Count());
        Assert.Contains(lines, line => line.StartsWith("        Assert.Equal() Failure", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_changes_the_network_is_verified_in_both_places()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "network namespaces take root");
        var result = await VerifyAsync(Built("network-bridge"));
        Assert.True(result.Code == 0, result.Output + result.Errors);
        Assert.Equal(10, result.Output.Split("passed  PodNetworkInProcess.").Length - 1);
        Assert.Equal(10, result.Output.Split("passed  PodNetworkInItsOwnProcess.").Length - 1);
        Assert.EndsWith("\n20 passed, 0 failed, 0 skipped\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_verified_is_skipped_by_name()
    {
        var untested = await VerifyAsync(Built("runtime-native"));
        Assert.Equal(1, untested.Code);
        Assert.StartsWith("skipped modular.container-runtime: there are no conformance tests for it; there are for modular.store, ", untested.Output, StringComparison.Ordinal);
        Assert.EndsWith("0 passed, 0 failed, 1 skipped\n", untested.Output, StringComparison.Ordinal);
        Assert.Equal("modular: nothing was left to test\n", untested.Errors);
        Assert.Equal((1, "modular: the plugin provides no contract, so there is nothing to test\n"), await ResultAsync(Built("controllers")));

        static async Task<(int Code, string Errors)> ResultAsync(string folder)
        {
            var result = await VerifyAsync(folder);
            return (result.Code, result.Errors);
        }
    }

    [Fact]
    public async Task A_check_that_does_not_end_fails()
    {
        var result = await VerifyAsync(Faulty, "--in-process", "--configuration", """{"fault": "blocks"}""", "--timeout", "2s");
        Assert.Equal(1, result.Code);
        Assert.Contains("\n        it has not ended within 2 s; the plugin hangs, or --timeout has to be longer\n", result.Output, StringComparison.Ordinal);
        Assert.Equal("modular: the checks after it were not made\n", result.Errors);
    }

    [Fact]
    public async Task What_a_plugin_throws_is_shown_with_its_type_and_place()
    {
        var result = await VerifyAsync(Faulty, "--in-process", "--configuration", """{"fault": "throws"}""");
        Assert.Equal(1, result.Code);
        Assert.Contains("\n        System.InvalidOperationException: it can't place\n           at Modular.Plugins.SchedulerFixtureFaulty.FaultySession.PlaceAsync(", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_no_host_would_take_is_refused_once_and_with_the_reason()
    {
        Assert.Contains("provides modular.schedular, which this host does not know", await RefusedAsync(Changed("unknown", m => m["provides"]![0]!["contract"] = "modular.schedular")), StringComparison.Ordinal);
        Assert.Contains("provides modular.scheduler [7.0.0,8.0.0), this host has 0.1.0", await RefusedAsync(Changed("future", m => m["provides"]![0]!["range"] = "[7.0.0,8.0.0)")), StringComparison.Ordinal);
        var wrong = await RefusedAsync(Changed("wrong", m => m["entryType"] = "Modular.Plugins.Nobody"));
        Assert.EndsWith("has no type Modular.Plugins.Nobody; correct entryType of scheduler-fixture-faulty\n", wrong, StringComparison.Ordinal);
        Assert.Single(wrong.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task What_is_no_plugin_is_refused()
    {
        var nowhere = Path.Combine(_folder, "nowhere");
        Assert.Equal($"modular: {nowhere} does not exist; name the folder of a built plugin\n", await RefusedAsync(nowhere));
        Assert.Equal($"modular: {_folder} holds no plugin.json; name the folder of a built plugin\n", await RefusedAsync(_folder));
        var build = Built(Good);
        Assert.Equal($"modular: {build}/plugin.json is a file; name the folder of a built plugin\n", await RefusedAsync(Path.Combine(build, "plugin.json")));
        var above = Path.GetDirectoryName(build)!;
        Assert.Equal($"modular: {above} holds no plugin.json, but the folder of a version does; name {build}\n", await RefusedAsync(above));
        await File.WriteAllTextAsync(Path.Combine(_folder, "plugin.json"), "{}", Token);
        Assert.StartsWith($"modular: {_folder}/plugin.json: schemaVersion: is missing", await RefusedAsync(_folder), StringComparison.Ordinal);
        Assert.StartsWith("modular: --in-process and --process exclude each other", await RefusedAsync(Built(Good), "--in-process", "--process"), StringComparison.Ordinal);
        Assert.Equal($"modular: --junit {_folder} is a folder; name a file\n", await RefusedAsync(build, "--junit", _folder));
        Assert.Equal("modular: --configuration is no JSON object\n", await RefusedAsync(Built(Good), "--configuration", "[]"));
    }

    /// <summary>The faulty plugin with another manifest.</summary>
    private string Changed(string name, Action<JsonObject> change)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
        foreach (var file in Directory.EnumerateFiles(Faulty))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        var path = Path.Combine(folder, "plugin.json");
        var manifest = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        change(manifest);
        File.WriteAllText(path, manifest.ToJsonString());
        return folder;
    }

    private static string Built(string plugin) => Directory.GetDirectories(Path.Combine(Plugins, plugin))[0];

    private static async Task<string> RefusedAsync(params string[] arguments)
    {
        var result = await VerifyAsync(arguments);
        Assert.Equal((1, ""), (result.Code, result.Output));
        return result.Errors;
    }

    private static Task<CommandResult> VerifyAsync(params string[] arguments) =>
        CommandResult.RunAsync(Repository.Modular, ["plugins", "verify", .. arguments], "", new Dictionary<string, string>(), Token);
}
