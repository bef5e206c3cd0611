using System.Globalization;

namespace Modular.PluginProcess;

/// <summary>A process by its pid and start time: a pid alone may by now belong to somebody else.</summary>
public sealed record ProcessRecord(int Pid, long StartTicks)
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

    public void Write(string path) => PrivateFile.Write(path, $"{Pid} {StartTicks}\n");

    /// <summary>True while this very process lives; a zombie does not.</summary>
    public bool IsAlive => StartOf(Pid) == StartTicks;

    /// <summary>The process that started it, or that inherited it; 0 if it is gone.</summary>
    internal int Parent => FieldsOf(Pid) is { } fields ? int.Parse(fields[1], CultureInfo.InvariantCulture) : 0;

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

    private static long? StartOf(int pid) => FieldsOf(pid) is { } fields ? long.Parse(fields[19], CultureInfo.InvariantCulture) : null;

    // What stands in /proc/PID/stat behind the command's closing parenthesis: the state, which is field 3, then the parent; the start is field 22.
    private static string[]? FieldsOf(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : fields;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
