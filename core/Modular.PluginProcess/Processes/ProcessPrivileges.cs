using System.Globalization;
using Modular.PluginLoader;

namespace Modular.PluginProcess;

/// <summary>
/// Starts a process, and all that it starts, without what its host may do to the machine and it was not granted. It keeps the host's user; see capabilities(7).
/// </summary>
internal static class ProcessPrivileges
{
    // Whoever may drop privileges of others has this one.
    private static readonly HostPrivileges Dropping = HostPrivileges.Of("setpcap");

    // Its own files, its folders and its sockets may be another user's, who began the cluster or installed the program.
    private static readonly HostPrivileges Always = HostPrivileges.Of("dac-override", "dac-read-search");

    /// <summary>Whether this host has privileges that it can't take from what it starts: root gets them back with every program.</summary>
    public static bool AreKeptByAll => Environment.IsPrivilegedProcess && Own("CapEff") is var effective and not 0 && (effective & Dropping.Capabilities) == 0;

    /// <summary>What is written before a command.</summary>
    public static IReadOnlyList<string> Prefix(HostPrivileges granted) => Prefix(granted, Own("CapEff"), Own("CapInh"));

    /// <param name="granted">What the process may have.</param>
    /// <param name="effective">What this host may do.</param>
    /// <param name="inheritable">What it would pass on to programs of another user than root.</param>
    internal static IReadOnlyList<string> Prefix(HostPrivileges granted, ulong effective, ulong inheritable)
    {
        var kept = granted | Always;
        List<string> prefix = ["setpriv", "--inh-caps=" + Only(kept.Capabilities & inheritable)];
        if ((effective & Dropping.Capabilities) != 0 && granted != HostPrivileges.All)
        {
            prefix.Add("--bounding-set=" + Only(kept.Capabilities & effective));
        }

        if (granted == HostPrivileges.None)
        {
            // Nor may it get them from programs such as sudo.
            prefix.Add("--no-new-privs");
        }

        return [.. prefix, "--"];
    }

    private static string Only(ulong capabilities)
    {
        var names = new List<string> { "-all" };
        for (var number = 0; number < 64; number++)
        {
            if ((capabilities & (1UL << number)) != 0)
            {
                names.Add(string.Create(CultureInfo.InvariantCulture, $"+cap_{number}"));
            }
        }

        return string.Join(',', names);
    }

    private static ulong Own(string set)
    {
        var line = File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith(set + ":", StringComparison.Ordinal));
        return line is null ? 0 : ulong.Parse(line.AsSpan(set.Length + 1).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
