using System.Globalization;

namespace Modular.RuntimeNative.Protocol;

/// <summary>Which process a number means: pids are used again, a pid with its start time is not.</summary>
internal readonly record struct ProcessIdentity(int Pid, long StartTicks)
{
    /// <summary>The identity of a process; null if there is none with this pid.</summary>
    public static ProcessIdentity? Of(int pid) => ReadStat(pid) is { } stat ? new ProcessIdentity(pid, stat.StartTicks) : null;

    /// <summary>Whether the process still is, and is not merely waiting to be reaped.</summary>
    public bool IsAlive => ReadStat(Pid) is { } stat && stat.StartTicks == StartTicks && stat.State is not ('Z' or 'X');

    /// <summary>Reads the pid file's form: pid and start time, separated by a space.</summary>
    public static ProcessIdentity? Parse(string text)
    {
        var parts = text.Trim().Split(' ');
        return parts.Length == 2
            && int.TryParse(parts[0], CultureInfo.InvariantCulture, out var pid)
            && long.TryParse(parts[1], CultureInfo.InvariantCulture, out var ticks)
                ? new ProcessIdentity(pid, ticks)
                : null;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Pid} {StartTicks}");

    /// <summary>State, session and start time out of /proc; null if the process is gone.</summary>
    public static (char State, int Session, long StartTicks)? ReadStat(int pid)
    {
        string text;
        try
        {
            text = File.ReadAllText($"/proc/{pid}/stat");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        // The name in parentheses may itself hold spaces and parentheses; the fields begin after the last one.
        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return (fields[0][0], int.Parse(fields[3], CultureInfo.InvariantCulture), long.Parse(fields[19], CultureInfo.InvariantCulture));
    }
}
