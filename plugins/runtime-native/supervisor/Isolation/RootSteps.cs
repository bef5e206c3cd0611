using Modular.RuntimeNative.Protocol;

namespace Modular.RuntimeNative.Supervisor.Isolation;

/// <summary>How a container's process comes to a file system of its own.</summary>
internal static class RootSteps
{
    private const uint RegularFile = 0x8000 | 0b110_110_110;
    private const int CurrentDirectory = -100;
    private const int FromDescriptor = 4;

    private static readonly string[] Devices = ["null", "zero", "full", "random", "urandom", "tty"];

    private static readonly (string Target, string Name)[] Links =
        [("/proc/self/fd", "fd"), ("/proc/self/fd/0", "stdin"), ("/proc/self/fd/1", "stdout"), ("/proc/self/fd/2", "stderr"), ("pts/ptmx", "ptmx")];

    private static readonly string[] Masked =
    [
        "/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi",
        "/proc/timer_list", "/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware",
    ];

    private static readonly string[] ReadOnly = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

    /// <summary>
    /// Builds the root at <paramref name="stage"/>, moves into it, and adds the container's own mounts. Its terminals are <paramref name="terminals"/>, a descriptor,
    /// or new ones if that is -1.
    /// </summary>
    public static void Add(
        SyscallScript script, IsolationRecord isolation, string stage, string overlayOptions, IControlGroups groups, IReadOnlyList<(MountTree Tree, MountRecord Mount)> mounts,
        int terminals)
    {
        Mount(script, null, "/", null, MountFlags.Private | MountFlags.Recursive);
        Mount(script, "overlay", stage, "overlay", MountFlags.NoDevices, overlayOptions);
        Mount(script, "proc", stage + "/proc", "proc", MountFlags.Inert);
        Mount(script, "sysfs", stage + "/sys", "sysfs", MountFlags.Inert | (isolation.Privileged ? 0 : MountFlags.ReadOnly));
        AddControlGroups(script, stage + "/sys/fs/cgroup", groups, isolation.Privileged ? 0 : MountFlags.ReadOnly);
        AddDevices(script, stage + "/dev", isolation.Privileged, terminals);

        MoveInto(script, stage);
        if (!isolation.Unmasked)
        {
            Protect(script);
        }

        // From here on a path means what the container means by it, links included: none leads out.
        foreach (var (tree, mount) in mounts)
        {
            MakeTarget(script, mount.Target, tree.IsDirectory);
            Move(script, mount.Source, tree.Descriptor, mount.Target);
        }

        if (isolation.ReadOnlyRoot)
        {
            Mount(script, null, "/", null, MountFlags.Bind | MountFlags.Remount | MountFlags.ReadOnly | MountFlags.NoDevices);
        }
    }

    /// <summary>Moves into a root that shows what containers see of the machine, and nothing can be written to.</summary>
    public static void AddBare(SyscallScript script, string stage, string layers)
    {
        Mount(script, null, "/", null, MountFlags.Private | MountFlags.Recursive);
        Mount(script, "overlay", stage, "overlay", MountFlags.NoDevices | MountFlags.NoSetUserId, $"lowerdir={layers}");
        MoveInto(script, stage);
    }

    /// <summary>Makes a directory and those above it, as far as they are not there.</summary>
    public static void MakeDirectories(SyscallScript script, string path)
    {
        for (var slash = path.IndexOf('/', 1); slash > 0; slash = path.IndexOf('/', slash + 1))
        {
            script.Try(SyscallNumber.MakeDirectory, script.Text(path[..slash]), 0b111_101_101);
        }

        script.Try(SyscallNumber.MakeDirectory, script.Text(path), 0b111_101_101);
    }

    private static void MoveInto(SyscallScript script, string stage)
    {
        // Both roots are in the same place for a moment: no directory is needed to put the old one.
        script.Add("chdir to the new root", SyscallNumber.ChangeDirectory, script.Text(stage));
        var here = script.Text(".");
        script.Add("pivot_root", SyscallNumber.PivotRoot, here, here);
        script.Add("leave the old root", SyscallNumber.Unmount, here, MountFlags.Detach);
        script.Add("chdir /", SyscallNumber.ChangeDirectory, script.Text("/"));
    }

    private static void MakeTarget(SyscallScript script, string target, bool directory)
    {
        if (directory)
        {
            MakeDirectories(script, target);
            return;
        }

        MakeDirectories(script, Path.GetDirectoryName(target)!);
        script.Try(SyscallNumber.MakeNode, script.Text(target), RegularFile);
    }

    private static void AddControlGroups(SyscallScript script, string target, IControlGroups groups, int readOnly)
    {
        var many = groups.Mounts is not [{ Directory: "" }];
        if (many)
        {
            Mount(script, "tmpfs", target, "tmpfs", MountFlags.Inert, "mode=755,size=4k");
        }

        foreach (var (type, directory, options) in groups.Mounts)
        {
            var place = directory.Length > 0 ? $"{target}/{directory}" : target;
            script.Try(SyscallNumber.MakeDirectory, script.Text(place), 0b111_101_101);
            Mount(script, "cgroup", place, type, MountFlags.Inert | readOnly, options);
        }

        if (many)
        {
            Mount(script, null, target, null, MountFlags.Bind | MountFlags.Remount | MountFlags.Inert | readOnly);
        }
    }

    private static void AddDevices(SyscallScript script, string target, bool all, int terminals)
    {
        if (all)
        {
            Mount(script, "/dev", target, null, MountFlags.Bind | MountFlags.Recursive);
            return;
        }

        Mount(script, "tmpfs", target, "tmpfs", MountFlags.Inert, "mode=755,size=64k");
        foreach (var device in Devices)
        {
            script.Add($"make /dev/{device}", SyscallNumber.MakeNode, script.Text($"{target}/{device}"), RegularFile);
            Mount(script, $"/dev/{device}", $"{target}/{device}", null, MountFlags.Bind);
        }

        foreach (var (destination, name) in Links)
        {
            script.Add($"link /dev/{name}", SyscallNumber.SymbolicLink, script.Text(destination), script.Text($"{target}/{name}"));
        }

        foreach (var directory in new[] { "pts", "shm", "mqueue" })
        {
            script.Add($"make /dev/{directory}", SyscallNumber.MakeDirectory, script.Text($"{target}/{directory}"), 0b111_101_101);
        }

        if (terminals >= 0)
        {
            Move(script, "devpts", terminals, target + "/pts");
        }
        else
        {
            Mount(
                script, "devpts", target + "/pts", "devpts", MountFlags.NoSetUserId | MountFlags.NoExecute,
                "newinstance," + string.Join(',', ContainerTerminals.Options.Select(option => $"{option.Name}={option.Value}")));
        }

        Mount(script, "shm", target + "/shm", "tmpfs", MountFlags.Inert, "mode=1777,size=64m");
        Mount(script, "mqueue", target + "/mqueue", "mqueue", MountFlags.Inert);
    }

    private static void Protect(SyscallScript script)
    {
        foreach (var path in Masked)
        {
            if (Directory.Exists(path))
            {
                Mount(script, "tmpfs", path, "tmpfs", MountFlags.Inert | MountFlags.ReadOnly, "size=4k");
            }
            else if (File.Exists(path))
            {
                Mount(script, "/dev/null", path, null, MountFlags.Bind);
            }
        }

        foreach (var path in ReadOnly.Where(Path.Exists))
        {
            Mount(script, path, path, null, MountFlags.Bind | MountFlags.Recursive);
            Mount(script, null, path, null, MountFlags.Bind | MountFlags.Remount | MountFlags.ReadOnly | MountFlags.Inert);
        }
    }

    private static void Move(SyscallScript script, string source, int mount, string target) => script.Add(
        $"mount {source} at {target}", SyscallNumber.MoveMount, mount, script.Text(""), CurrentDirectory, script.Text(target), FromDescriptor);

    private static void Mount(SyscallScript script, string? source, string target, string? type, int flags, string? options = null) => script.Add(
        $"mount {type ?? source} at {target}", SyscallNumber.Mount,
        source is null ? 0 : script.Text(source), script.Text(target), type is null ? 0 : script.Text(type), flags, options is null ? 0 : script.Text(options));
}
