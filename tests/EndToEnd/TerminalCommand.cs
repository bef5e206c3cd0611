using System.Diagnostics;

namespace Modular.EndToEnd;

/// <summary>A command at a terminal, which a test types at and reads from.</summary>
internal sealed class TerminalCommand : IAsyncDisposable
{
    private readonly Process _process;
    private readonly char[] _buffer = new char[4096];
    private string _shown = "";

    private TerminalCommand(Process process) => _process = process;

    public static TerminalCommand Start(int rows, int columns, IReadOnlyDictionary<string, string> environment, params string[] command)
    {
        // Without a log of its own, and ending as the command does.
        var start = new ProcessStartInfo("script", ["-qefc", $"stty rows {rows} cols {columns}; exec {string.Join(' ', command)}", "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new TerminalCommand(Process.Start(start)!);
    }

    public async Task TypeAsync(string text, CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteAsync(text.AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
    }

    /// <summary>Reads until the screen has shown a text, and answers what it showed until then.</summary>
    public async Task<string> ReadAsync(string awaited, CancellationToken cancellationToken)
    {
        int at;
        while ((at = _shown.IndexOf(awaited, StringComparison.Ordinal)) < 0)
        {
            var read = await _process.StandardOutput.ReadAsync(_buffer, cancellationToken);
            _shown += read > 0 ? new string(_buffer, 0, read) : throw new InvalidOperationException($"the command ended and did not show '{awaited}': {_shown}");
        }

        var until = _shown[..(at + awaited.Length)];
        _shown = _shown[until.Length..];
        return until;
    }

    /// <summary>Waits for the command's end.</summary>
    public async Task<int> EndAsync(CancellationToken cancellationToken)
    {
        await _process.StandardOutput.ReadToEndAsync(cancellationToken);
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
