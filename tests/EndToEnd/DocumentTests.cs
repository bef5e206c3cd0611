using System.Text.RegularExpressions;

namespace Modular.EndToEnd;

/// <summary>A document's commands and files, taken literally, in an empty folder outside this repository.</summary>
public sealed partial class DocumentTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("modular-e2e-document-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("write-a-plugin.md", "plugin/scheduler is scheduler-mine 1.0.0\n", "scheduler-mine 1.0.0 removed\n")]
    [InlineData("swap-a-component.md", "refused\nscheduler-spread\n", "plugin/scheduler is scheduler-spread 0.1.0\n")]
    public async Task What_a_document_says_works(string document, params string[] said)
    {
        await using var cluster = new TestCluster();
        var script = string.Concat(Steps(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", document), Token)));
        var result = await CommandResult.RunAsync("bash", ["-c", $"{Shell(cluster)}\ncd '{_folder}'\n{script}"], "", new Dictionary<string, string>(), Token);
        Assert.True(result.Code == 0, result.Output + result.Errors);
        Assert.All(said, text => Assert.Contains(text, result.Output, StringComparison.Ordinal));
    }

    /// <summary>The commands as they stand; each block of a file that is named before it as a file.</summary>
    private static IEnumerable<string> Steps(string document) =>
        Blocks().Matches(document).Select(block => block.Groups["file"] is { Success: true, Value: var file }
            ? $"mkdir -p \"$(dirname '{file}')\" && cat >'{file}' <<'END OF FILE'\n{block.Groups["text"].Value}END OF FILE\n"
            : block.Groups["language"].Value == "sh" ? block.Groups["text"].Value : "");

    /// <summary>Stops at the first command that fails; the cluster is one on a free port, in a folder of its own.</summary>
    private static string Shell(TestCluster cluster) => $$"""
        set -ex
        export MODULAR_DATA_DIR='{{cluster.DataDirectory}}' KUBECONFIG='{{cluster.Kubeconfig}}' DOTNET_CLI_TELEMETRY_OPTOUT=1
        modular() {
          if [ "$1" = up ]; then shift; set -- up --listen 127.0.0.1:{{cluster.Port}} "$@"; fi
          MODULAR_NO_BUILD=1 '{{Repository.Modular}}' "$@"
        }
        """;

    [GeneratedRegex(@"(^`(?<file>[^`\n]+)`:\n\n)?^```(?<language>\w+)\n(?<text>(?:.*\n)*?)^```$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Blocks();
}
