using System.Diagnostics;

namespace Modular.EndToEnd;

/// <summary>How a command ended.</summary>
internal sealed record CommandResult(int Code, string Output, string Errors)
{
    /// <summary>Runs a program to its end; a test that hangs here fails by its token.</summary>
    public static async Task<CommandResult> RunAsync(
        string program, IEnumerable<string> arguments, string input, IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
            process.StandardInput.Close();
            await process.WaitForExitAsync(cancellationToken);
            return new(process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    public CommandResult MustSucceed() =>
        Code == 0 ? this : throw new InvalidOperationException($"ended with {Code}: {Output}{Errors}");
}
