using System.Reflection;
using System.Xml.Linq;

namespace Modular.EndToEnd;

/// <summary><c>modular plugins verify</c> on built plugins.</summary>
public sealed class VerifyTests : IDisposable
{
    private const string Good = "scheduler-binpack";

    private readonly string _folder = Directory.CreateTempSubdirectory("modular-e2e-verify-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string Plugins => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Repository.Modular)!, "..", "plugins"));

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
        var faulty = typeof(VerifyTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "PluginFixture:scheduler-fixture-faulty").Value!;

        var result = await VerifyAsync(faulty, "--in-process", "--configuration", """{"fault": "answers too much"}""", "--junit", Report);

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
    public async Task What_changes_the_network_is_verified_too()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "network namespaces take root");
        var result = await VerifyAsync(Built("network-bridge"), "--in-process");
        Assert.True(result.Code == 0, result.Output + result.Errors);
        Assert.EndsWith("10 passed, 0 failed, 0 skipped\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_verified_is_skipped_by_name()
    {
        var untested = await VerifyAsync(Built("runtime-native"));
        Assert.Equal(0, untested.Code);
        Assert.StartsWith("skipped modular.container-runtime: there are no conformance tests for it; there are for modular.store, ", untested.Output, StringComparison.Ordinal);
        Assert.EndsWith("0 passed, 0 failed, 1 skipped\n", untested.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_plugin_is_refused()
    {
        var nowhere = Path.Combine(_folder, "nowhere");
        Assert.Equal($"modular: {nowhere} does not exist; name the folder of a built plugin\n", await RefusedAsync(nowhere));
        Assert.Equal($"modular: {_folder} holds no plugin.json; name the folder that the plugin was published to\n", await RefusedAsync(_folder));
        await File.WriteAllTextAsync(Path.Combine(_folder, "plugin.json"), "{}", Token);
        Assert.StartsWith($"modular: {_folder}/plugin.json: schemaVersion: is missing", await RefusedAsync(_folder), StringComparison.Ordinal);
        Assert.StartsWith("modular: --in-process and --process exclude each other", await RefusedAsync(Built(Good), "--in-process", "--process"), StringComparison.Ordinal);
        Assert.Equal("modular: --configuration is no JSON object\n", await RefusedAsync(Built(Good), "--configuration", "[]"));
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
