using System.Diagnostics.CodeAnalysis;

namespace Modular.PluginLoader;

/// <summary>
/// What a program may do to its machine beyond what any program may: Linux capabilities, each by its name in lower case with dashes, such as
/// <c>net-admin</c>, or <c>all</c> for every one. Only a host that has them, usually as root, has them to give. A value.
/// </summary>
public readonly record struct HostPrivileges
{
    private const string Everything = "all";

    // In the order of linux/capability.h, from 0.
    private static readonly string[] Known =
    [
        "chown", "dac-override", "dac-read-search", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap", "linux-immutable", "net-bind-service",
        "net-broadcast", "net-admin", "net-raw", "ipc-lock", "ipc-owner", "sys-module", "sys-rawio", "sys-chroot", "sys-ptrace", "sys-pacct", "sys-admin",
        "sys-boot", "sys-nice", "sys-resource", "sys-time", "sys-tty-config", "mknod", "lease", "audit-write", "audit-control", "setfcap", "mac-override",
        "mac-admin", "syslog", "wake-alarm", "block-suspend", "audit-read", "perfmon", "bpf", "checkpoint-restore",
    ];

    private HostPrivileges(ulong capabilities) => Capabilities = capabilities;

    public static HostPrivileges None => default;

    public static HostPrivileges All { get; } = new((1UL << Known.Length) - 1);

    /// <summary>A bit for each, as the kernel counts them.</summary>
    public ulong Capabilities { get; }

    /// <summary>Their names in the kernel's order; <c>all</c> alone for all of them.</summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            if (this == All)
            {
                return [Everything];
            }

            var capabilities = Capabilities;
            return [.. Known.Where((_, number) => (capabilities & (1UL << number)) != 0)];
        }
    }

    /// <summary>What must be written instead of a name that is not known.</summary>
    public static string Hint => "write a Linux capability in lower case with dashes, such as net-admin, or all";

    /// <summary>Those of either.</summary>
    public static HostPrivileges operator |(HostPrivileges one, HostPrivileges other) => new(one.Capabilities | other.Capabilities);

    /// <summary>Those of some names.</summary>
    /// <exception cref="ArgumentException">A name is not known.</exception>
    public static HostPrivileges Of(params IEnumerable<string> names) => names.Aggregate(
        None, (all, name) => TryParse(name, out var privilege) ? all | privilege : throw new ArgumentException($"there is no privilege {name}; {Hint}", nameof(names)));

    /// <summary>Reads one name.</summary>
    public static bool TryParse([NotNullWhen(true)] string? name, out HostPrivileges privilege)
    {
        var number = Array.IndexOf(Known, name);
        privilege = number >= 0 ? new(1UL << number) : name == Everything ? All : None;
        return privilege != None;
    }

    /// <summary>These without those of another.</summary>
    public HostPrivileges Except(HostPrivileges other) => new(Capabilities & ~other.Capabilities);

    /// <summary>The names, separated by commas.</summary>
    public override string ToString() => string.Join(", ", Names);
}
