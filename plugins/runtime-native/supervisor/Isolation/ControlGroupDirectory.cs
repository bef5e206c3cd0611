using System.Globalization;
using Modular.RuntimeNative.Supervisor.Native;

namespace Modular.RuntimeNative.Supervisor.Isolation;

/// <summary>The parts of both hierarchies that are alike: a directory is a group, its files are its settings.</summary>
internal static class ControlGroupDirectory
{
    private const int Attempts = 100;

    public const string Entry = "cgroup.procs";

    public static void Write(string directory, string file, string value)
    {
        try
        {
            // Not File.WriteAllText, which would make a missing file, and in vain.
            using var stream = new FileStream(Path.Combine(directory, file), FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            stream.Write(System.Text.Encoding.ASCII.GetBytes(value));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"limit {file}={value}: {exception.Message}", exception);
        }
    }

    public static void Write(string directory, string file, long value) => Write(directory, file, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>The number after a word in a file of lines of two words each; 0 if the file or the word is not there.</summary>
    public static long Read(string directory, string file, string word)
    {
        var path = Path.Combine(directory, file);
        if (!File.Exists(path))
        {
            return 0;
        }

        foreach (var line in File.ReadLines(path))
        {
            if (line.StartsWith(word + " ", StringComparison.Ordinal))
            {
                return long.Parse(line.AsSpan(word.Length + 1), CultureInfo.InvariantCulture);
            }
        }

        return 0;
    }

    /// <summary>Kills what is in a group and the groups within it, and removes them all.</summary>
    public static void Remove(string directory)
    {
        for (var attempt = 1; Directory.Exists(directory); attempt++)
        {
            try
            {
                Kill(directory);
                RemoveEmpty(directory);
            }
            catch (IOException) when (attempt < Attempts)
            {
                // A process that was killed is in its group until it is gone.
                Thread.Sleep(TimeSpan.FromMilliseconds(Math.Min(attempt, 20)));
            }
        }
    }

    private static void Kill(string directory)
    {
        foreach (var group in Directory.EnumerateDirectories(directory, "*", SearchOption.AllDirectories).Append(directory).ToArray())
        {
            var file = Path.Combine(group, Entry);
            foreach (var line in File.Exists(file) ? File.ReadAllLines(file) : [])
            {
                if (int.TryParse(line, CultureInfo.InvariantCulture, out var pid) && pid > 0)
                {
                    _ = LibC.kill(pid, LibC.SIGKILL);
                }
            }
        }
    }

    private static void RemoveEmpty(string directory)
    {
        foreach (var inner in Directory.GetDirectories(directory))
        {
            RemoveEmpty(inner);
        }

        // Its files are the kernel's and go with it.
        Directory.Delete(directory);
    }
}
