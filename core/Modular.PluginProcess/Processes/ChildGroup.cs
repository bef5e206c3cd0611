using System.Globalization;
using Modular.PluginLoader;

namespace Modular.PluginProcess;

/// <summary>
/// The control group of a plugin's process: all that it starts is in it, too. In the newer hierarchy (cgroup v2) or the older, whichever the machine has.
/// </summary>
internal sealed class ChildGroup
{
    private const string Root = "/sys/fs/cgroup";
    // What a plugin starts and is not part of it, such as a supervisor of containers, knows the groups it has to leave by this.
    private const string Owner = "modular-plugins";
    private const string Entry = "cgroup.procs";
    private const long Period = 100_000;
    private const int Attempts = 100;

    // Of the process as a whole, code and files it reads included; its own allocations have failed before.
    private const long Headroom = 64L << 20;

    private readonly string[] _directories;

    private ChildGroup(string[] directories) => _directories = directories;

    /// <summary>Puts a process into a group with limits; null if there are none, or memory alone on a machine where nobody may make groups.</summary>
    /// <exception cref="PluginProcessException">Its CPU can't be limited, and why.</exception>
    public static ChildGroup? Enter(ProcessRecord process, PluginLimits limits)
    {
        if (limits == PluginLimits.None)
        {
            return null;
        }

        var group = Of(process);
        try
        {
            group.Set(limits);
            foreach (var directory in group._directories)
            {
                Write(directory, Entry, process.Pid);
            }

            return group;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            group.TryRemove();
            return limits.MilliCpu == 0 ? null : throw new PluginProcessException(
                $"CPU can't be limited without a control group: {e.Message.TrimEnd('.')}; run the cluster as root, or remove limits.cpu", e);
        }
    }

    /// <summary>The group that a process had, also one of an earlier host.</summary>
    public static ChildGroup Of(ProcessRecord process)
    {
        // A pid alone may by now be another plugin's.
        var name = string.Create(CultureInfo.InvariantCulture, $"{process.Pid}-{process.StartTicks}");
        string[] hierarchies = IsUnified ? [""] : ["cpu", "memory"];
        return new ChildGroup([.. hierarchies.Select(hierarchy => Path.Combine(Root, hierarchy, Owner, name))]);
    }

    /// <summary>Ends what is left in it, and removes it.</summary>
    public async Task RemoveAsync()
    {
        for (var attempt = 1; !TryRemove() && attempt < Attempts; attempt++)
        {
            // What was killed is in its group until it is gone.
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Min(attempt, 20))).ConfigureAwait(false);
        }

        foreach (var owner in _directories.Select(directory => Path.GetDirectoryName(directory)!))
        {
            TryDelete(owner);
        }
    }

    private static bool IsUnified => File.Exists(Path.Combine(Root, "cgroup.controllers"));

    private static void Write(string directory, string file, long value) => Write(directory, file, value.ToString(CultureInfo.InvariantCulture));

    private static void Write(string directory, string file, string value)
    {
        // Not File.WriteAllText, which would make a missing file, and in vain.
        using var stream = new FileStream(Path.Combine(directory, file), FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        stream.Write(System.Text.Encoding.ASCII.GetBytes(value));
    }

    private void Set(PluginLimits limits)
    {
        if (IsUnified)
        {
            Write(Root, "cgroup.subtree_control", "+cpu +memory");
            Make(Path.Combine(Root, Owner));
            Write(Path.Combine(Root, Owner), "cgroup.subtree_control", "+cpu +memory");
        }

        foreach (var directory in _directories)
        {
            Make(directory);
        }

        var (cpu, memory) = (_directories[0], _directories[^1]);
        if (limits.MilliCpu > 0 && limits.MilliCpu * Period / 1000 is var quota)
        {
            if (IsUnified)
            {
                Write(cpu, "cpu.max", string.Create(CultureInfo.InvariantCulture, $"{quota} {Period}"));
            }
            else
            {
                Write(cpu, "cpu.cfs_period_us", Period);
                Write(cpu, "cpu.cfs_quota_us", quota);
            }
        }

        if (limits.Memory > 0)
        {
            Write(memory, IsUnified ? "memory.max" : "memory.limit_in_bytes", limits.Memory + Headroom);
        }
    }

    private static void Make(string directory)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                Directory.CreateDirectory(directory);
                return;
            }
            catch (DirectoryNotFoundException) when (attempt < Attempts)
            {
                // The last of another cluster's plugins has just taken the owner away.
            }
        }
    }

    private static bool TryDelete(string directory)
    {
        try
        {
            Directory.Delete(directory);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // There are others in it, or it is gone.
            return !Directory.Exists(directory);
        }
    }

    private static void Kill(string directory)
    {
        try
        {
            foreach (var line in File.ReadAllLines(Path.Combine(directory, Entry)))
            {
                // 0 is one that this process can't see.
                if (int.Parse(line, CultureInfo.InvariantCulture) is > 0 and var pid)
                {
                    _ = Signals.SendTo(pid, Signals.Kill);
                }
            }
        }
        catch (IOException)
        {
            // It is just going.
        }
    }

    private bool TryRemove()
    {
        var gone = true;
        foreach (var directory in _directories.Where(Directory.Exists))
        {
            Kill(directory);
            gone &= TryDelete(directory);
        }

        return gone;
    }
}
