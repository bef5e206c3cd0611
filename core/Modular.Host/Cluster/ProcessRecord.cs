using System.Globalization;

namespace Modular.Host.Cluster;

/// <summary>A process by its pid and start time: a pid alone may by now belong to somebody else.</summary>
internal sealed record ProcessRecord(int Pid, long StartTicks)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(10);

    public static ProcessRecord Current => Of(Environment.ProcessId);

    /// <summary>The process that has a pid now.</summary>
    public static ProcessRecord Of(int pid) => new(pid, StartOf(pid) ?? 0);

    /// <summary>Reads a record; null if there is none or it is not one.</summary>
    public static ProcessRecord? Read(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        var parts = File.ReadAllText(path).Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return parts.Length == 2
            && int.TryParse(parts[0], CultureInfo.InvariantCulture, out var pid)
            && long.TryParse(parts[1], CultureInfo.InvariantCulture, out var start)
            ? new ProcessRecord(pid, start)
            : null;
    }

    public void Write(string path) => Client.PrivateFile.Write(path, $"{Pid} {StartTicks}\n");

    /// <summary>True while this very process lives; a zombie does not.</summary>
    public bool IsAlive => StartOf(Pid) == StartTicks;

    /// <summary>Waits until the process is gone.</summary>
    public async Task<bool> WaitForExitAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        // Process.WaitForExitAsync looks at processes that are not its children once a second.
        var started = TimeProvider.System.GetTimestamp();
        while (IsAlive)
        {
            if (TimeProvider.System.GetElapsedTime(started) >= timeout)
            {
                return false;
            }

            await Task.Delay(LookAgain, cancellationToken);
        }

        return true;
    }

    // Field 22 of /proc/PID/stat, counted behind the command's closing parenthesis; field 3 is the state.
    private static long? StartOf(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : long.Parse(fields[19], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
