using System.Diagnostics;
using Modular.Host.Client;

namespace Modular.Host.Demo;

/// <summary>Runs this program's own commands, as a user would.</summary>
internal sealed class Shell(string dataDirectory, Narrator narrator)
{
    private static readonly string Program = Environment.ProcessPath!;

    public async Task<(int Code, string Output)> RunAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        narrator.Command("modular " + string.Join(' ', arguments.Select(Quoted)));
        var start = new ProcessStartInfo(Program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments.Take(1).Concat(["--data-dir", dataDirectory]).Concat(arguments.Skip(1)))
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        var text = await output + await errors;
        if (process.ExitCode != 0)
        {
            narrator.Show(text);
        }

        return (process.ExitCode, text);
    }

    /// <summary>Runs a command that must succeed for the story to go on.</summary>
    public async Task<string> MustAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        var (code, output) = await RunAsync(cancellationToken, arguments);
        return code == 0 ? output : throw new CommandException($"the demo cannot go on: modular {arguments[0]} ended with {code}");
    }

    private static string Quoted(string argument) => argument.Contains(' ', StringComparison.Ordinal) ? $"'{argument}'" : argument;
}
