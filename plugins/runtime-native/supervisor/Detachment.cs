using System.Globalization;
using Modular.RuntimeNative.Supervisor.Native;

namespace Modular.RuntimeNative.Supervisor;

/// <summary>Cuts every tie to the process that started this one, so that its end, or its terminal's, is not felt here.</summary>
internal static unsafe class Detachment
{
    private const string OutOfMemoryScore = "/proc/self/oom_score_adj";

    public static void Detach(string logPath)
    {
        _ = LibC.setsid();
        ShakeOffLimits();
        Environment.CurrentDirectory = "/";
        Replace(0, "/dev/null", LibC.O_RDONLY);
        Replace(2, logPath, LibC.O_WRONLY | LibC.O_CREAT | LibC.O_APPEND);
    }

    /// <summary>Tells the starter, who reads stdout to its end, one word, and lets go of it.</summary>
    public static void Announce(string word)
    {
        using (var output = new FileStream(new Microsoft.Win32.SafeHandles.SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0))
        {
            output.Write(System.Text.Encoding.ASCII.GetBytes(word + "\n"));
        }

        Replace(1, "/dev/null", LibC.O_WRONLY);
    }

    // A plugin's process is the first to go when memory is short, and may be limited; its containers have limits of their own, and are not to go with it.
    private static void ShakeOffLimits()
    {
        if (File.ReadAllText(OutOfMemoryScore) is not ['-', ..])
        {
            File.WriteAllText(OutOfMemoryScore, "0");
        }

        LeaveGroups();
        // Soft and hard.
        var limit = stackalloc ulong[2];
        if (LibC.prlimit(0, LibC.RLIMIT_DATA, null, limit) == 0)
        {
            limit[0] = limit[1];
            _ = LibC.prlimit(0, LibC.RLIMIT_DATA, limit, null);
        }
    }

    // The groups that a plugin's process is held to its limits by.
    private static void LeaveGroups()
    {
        const string root = "/sys/fs/cgroup";
        const string plugins = "/modular-plugins/";
        foreach (var line in File.ReadAllLines("/proc/self/cgroup"))
        {
            // number:controllers:path, without controllers for the newer hierarchy.
            var parts = line.Split(':', 3);
            if (parts[2].IndexOf(plugins, StringComparison.Ordinal) is >= 0 and var at)
            {
                var above = Path.Combine(root, parts[1].Split(',')[0], parts[2][..at].TrimStart('/'));
                File.WriteAllText(Path.Combine(above, "cgroup.procs"), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            }
        }
    }

    private static void Replace(int descriptor, string path, int flags)
    {
        const int ownerOnly = 0x180;
        // The runtime has copies of its own: a pipe is not closed for the other side before they are.
        var copies = CopiesOf(descriptor);
        var opened = LibC.open(path, flags | LibC.O_CLOEXEC, ownerOnly);
        if (opened < 0 || copies.Any(copy => LibC.dup3(opened, copy, LibC.O_CLOEXEC) < 0) || LibC.dup2(opened, descriptor) < 0)
        {
            throw LibC.Failure(path);
        }

        _ = LibC.close(opened);
    }

    private static List<int> CopiesOf(int descriptor)
    {
        var target = TargetOf(descriptor);
        return
        [
            .. Directory.GetFileSystemEntries("/proc/self/fd").Select(entry => int.Parse(Path.GetFileName(entry), CultureInfo.InvariantCulture))
                .Where(other => other > 2 && TargetOf(other) == target),
        ];
    }

    private static string? TargetOf(int descriptor) => new FileInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{descriptor}")).LinkTarget;
}
