using Modular.Abstractions;

namespace Modular.Plugins.RuntimeNative;

/// <summary>The parts of root's power, by their names and as the kernel counts them.</summary>
internal static class Capabilities
{
    private const string All = "ALL";

    // In the kernel's order, from 0.
    private static readonly string[] Names =
    [
        "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP", "LINUX_IMMUTABLE",
        "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER", "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT",
        "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE",
        "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ",
        "PERFMON", "BPF", "CHECKPOINT_RESTORE",
    ];

    // Docker's, but for MKNOD: no file system of a container has devices, so it would make dead ones.
    private static readonly ulong Usual = Bits(
    [
        "CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "NET_RAW", "SETGID", "SETUID", "SETFCAP", "SETPCAP", "NET_BIND_SERVICE", "SYS_CHROOT", "KILL",
        "AUDIT_WRITE",
    ]);

    private static readonly ulong Every = Bits(Names);

    /// <summary>What a container has, a bit each.</summary>
    /// <exception cref="RuntimeException">There is no capability of a name.</exception>
    public static ulong Of(ContainerSecurity security)
    {
        if (security.Privileged)
        {
            return Every;
        }

        // ALL comes first on either side, so that single names can correct it.
        var left = security.DroppedCapabilities.Contains(All, StringComparer.OrdinalIgnoreCase) ? 0 : Usual;
        left = security.AddedCapabilities.Contains(All, StringComparer.OrdinalIgnoreCase) ? Every : left;
        left |= Bits(security.AddedCapabilities.Where(IsSingle));
        var dropped = Bits(security.DroppedCapabilities.Where(IsSingle));
        return left & ~dropped;
    }

    private static bool IsSingle(string name) => !name.Equals(All, StringComparison.OrdinalIgnoreCase);

    private static ulong Bits(IEnumerable<string> names)
    {
        var bits = 0UL;
        foreach (var name in names)
        {
            var index = Array.FindIndex(Names, known => known.Equals(name, StringComparison.OrdinalIgnoreCase));
            bits |= index >= 0 ? 1UL << index : throw new RuntimeException("CreateContainerError", $"there is no capability '{name}'");
        }

        return bits;
    }
}
