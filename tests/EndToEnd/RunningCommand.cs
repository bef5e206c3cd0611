using System.Diagnostics;

namespace Modular.EndToEnd;

/// <summary>A command that goes on until it is stopped, read line by line.</summary>
internal sealed class RunningCommand : IAsyncDisposable
{
    private readonly Process _process;

    private RunningCommand(Process process) => _process = process;

    public static RunningCommand Start(string program, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, WorkingDirectory = Path.GetTempPath() };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new RunningCommand(Process.Start(start)!);
    }

    /// <summary>The next line that is awaited; those before it are skipped.</summary>
    public async Task<string> LineAsync(Func<string, bool> awaited, CancellationToken cancellationToken)
    {
        while (await _process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (awaited(line))
            {
                return line;
            }
        }

        throw new InvalidOperationException("the command ended before it printed what is awaited");
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
