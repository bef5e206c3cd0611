using System.Diagnostics;
using System.Globalization;

namespace Modular.Bench.RoleSwaps;

/// <summary>A command whose output counts from 0 without end: every number once and in its order.</summary>
internal sealed class CountedLines : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task _reading;

    public CountedLines(string program, params string[] arguments)
    {
        _process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true })!;
        _reading = ReadAsync();
    }

    public long Lines { get; private set; }

    public TimeSpan LongestPause { get; private set; }

    /// <summary>What came in the place of what; empty if all is well.</summary>
    public string Wrong { get; private set; } = "";

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        await _reading;
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        for (var last = Stopwatch.GetTimestamp(); await _process.StandardOutput.ReadLineAsync() is { } line; last = Stopwatch.GetTimestamp())
        {
            if (Wrong.Length == 0 && line != Lines.ToString(CultureInfo.InvariantCulture))
            {
                Wrong = $"'{line}' came in the place of {Lines}";
            }

            Lines++;
            LongestPause = TimeSpan.FromTicks(Math.Max(LongestPause.Ticks, Stopwatch.GetElapsedTime(last).Ticks));
        }
    }

    /// <summary>Whether it still goes on.</summary>
    public bool HasEnded => _process.HasExited;
}
