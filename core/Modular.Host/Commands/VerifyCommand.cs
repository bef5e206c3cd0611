using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Modular.Host.Plugins;
using Modular.PluginLoader;

namespace Modular.Host.Commands;

/// <summary><c>modular plugins verify</c>: the conformance tests of every contract that a built plugin provides. They are a program of their own.</summary>
internal static class VerifyCommand
{
    // Beside this program's folder; what tests need is no part of the host.
    private static readonly string Program = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "verify", "modular-plugin-tests"));

    public static Command Create()
    {
        var folder = new Argument<string>("dir") { Description = "The folder of a built plugin, with its plugin.json" };
        var inProcess = new Option<bool>("--in-process") { Description = "Only in the host's process; by default there and in a process of its own" };
        var ownProcess = new Option<bool>("--process") { Description = "Only in a process of its own" };
        var configuration = new Option<string>("--configuration") { Description = "The plugin's configuration as JSON, such as '{\"ttl\": 5}'", DefaultValueFactory = _ => "{}" };
        var junit = new Option<string>("--junit") { Description = "Also write the results to this file, as JUnit XML" };
        var timeout = new Option<string>("--timeout") { Description = "How long one check may take, such as 30s", DefaultValueFactory = _ => "120s" };
        var command = new Command("verify", "Hold a built plugin to what its contracts demand; no cluster is needed") { folder, inProcess, ownProcess, configuration, junit, timeout };
        command.SetAction((result, cancellationToken) =>
        {
            var start = new ProcessStartInfo(Program);
            start.Environment["MODULAR_VERIFY_DIRECTORY"] = Checked(result.GetRequiredValue(folder));
            start.Environment["MODULAR_VERIFY_EXECUTABLE"] = Environment.ProcessPath;
            start.Environment["MODULAR_VERIFY_CONFIGURATION"] = CheckedObject(result.GetRequiredValue(configuration));
            start.Environment["MODULAR_VERIFY_PLACE"] = (result.GetValue(inProcess), result.GetValue(ownProcess)) switch
            {
                (true, true) => throw new CommandException("--in-process and --process exclude each other; leave both out for both"),
                (true, _) => "InProcess",
                (_, true) => "OwnProcess",
                _ => "",
            };
            start.Environment["MODULAR_VERIFY_SECONDS"] = WaitCommand.Duration(result.GetRequiredValue(timeout)).TotalSeconds.ToString(CultureInfo.InvariantCulture);
            start.Environment["MODULAR_VERIFY_JUNIT"] = result.GetValue(junit) is { } file ? CheckedFile(file) : "";
            return RunAsync(start, cancellationToken);
        });
        return command;
    }

    private static string Checked(string folder)
    {
        var directory = Path.GetFullPath(folder);
        // What the manifest says is for the tests to judge, which read it.
        return File.Exists(Path.Combine(directory, PluginManifestReader.FileName))
            ? directory
            : throw MissingPlugin.At(directory, "name the folder of a built plugin");
    }

    private static string CheckedFile(string file) =>
        Directory.Exists(file) ? throw new CommandException($"--junit {file} is a folder; name a file") : Path.GetFullPath(file);

    private static string CheckedObject(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object ? json : throw new CommandException("--configuration is no JSON object");
        }
        catch (JsonException e)
        {
            throw new CommandException($"--configuration is no JSON: {e.Message}");
        }
    }

    private static async Task<int> RunAsync(ProcessStartInfo start, CancellationToken cancellationToken)
    {
        if (!File.Exists(Program))
        {
            throw new CommandException($"{Program} does not exist; it comes with a whole distribution, which './modular' builds");
        }

        using var process = Process.Start(start)!;
        try
        {
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
