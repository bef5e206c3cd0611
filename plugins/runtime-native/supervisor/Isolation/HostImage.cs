using Modular.RuntimeNative.Supervisor.Native;

namespace Modular.RuntimeNative.Supervisor.Isolation;

/// <summary>
/// The machine's own root as the read-only lower layer of containers, without what is nobody's business. What is hidden is hidden in a layer
/// above, not by mounts, so that nothing can be unmounted to see it. Other file systems that are mounted in the root are not part of it.
/// </summary>
internal sealed unsafe class HostImage(string directory, IReadOnlyList<string> hidden)
{
    private const uint CharacterDevice = 0x2000;

    /// <summary>Where the program and the runtime of this cluster are in every container.</summary>
    public const string ProgramDirectory = "/opt/modular/bin";

    public const string RuntimeDirectory = "/opt/modular/dotnet";

    // Programs, libraries and configuration. Whatever else is in the root is data of somebody's, and not there for containers.
    private static readonly HashSet<string> Visible = new(StringComparer.Ordinal)
    {
        "bin", "etc", "lib", "lib32", "lib64", "libx32", "opt", "sbin", "usr",
    };

    // Seen as empty; a container can write there, into its own layer.
    private static readonly string[] Emptied =
    [
        "/root", "/home", "/run", "/srv", "/mnt", "/media", "/boot", "/proc", "/sys", "/dev", "/var",
        "/etc/ssh", "/etc/ssl/private", "/etc/kubernetes", "/etc/wireguard", "/etc/sudoers.d", "/etc/docker", "/etc/containerd",
    ];

    private static readonly string[] EmptiedForAll = ["/tmp"];

    // What programs expect of an empty /var.
    private static readonly string[] VariableDirectories = ["/var/cache", "/var/lib", "/var/log", "/var/mail", "/var/spool"];

    private static readonly (string Path, string Target)[] VariableLinks = [("/var/run", "/run"), ("/var/lock", "/run/lock")];

    private static readonly string[] Removed = ["/etc/machine-id"];

    // Where the machine's secrets are: whatever of it not everybody on the machine may read.
    private static readonly string[] Guarded = ["/etc", "/opt", "/usr/local/etc"];

    private static readonly EnumerationOptions Everything = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };

    /// <summary>The layers that containers are built on, as the options of an overlay take them. None is on the disk that the root is on.</summary>
    public string Layers => $"{OverlayPath(Mask)}:/";

    private readonly HashSet<string> _hiddenPaths = new(StringComparer.Ordinal);

    private string Mask => Path.Combine(directory, "mask");

    public void Build()
    {
        if (Directory.Exists(Mask))
        {
            Directory.Delete(Mask, recursive: true);
        }

        Directory.CreateDirectory(Mask, (UnixFileMode)0b111_101_101);
        foreach (var path in Emptied.Where(Directory.Exists))
        {
            Empty(path, path == "/root" ? 0b111_000_000 : 0b111_101_101);
        }

        foreach (var path in EmptiedForAll.Where(Directory.Exists))
        {
            Empty(path, 0b1_111_111_111);
        }

        MakeVariable();
        foreach (var entry in new DirectoryInfo("/").EnumerateFileSystemInfos())
        {
            if (!Visible.Contains(entry.Name) && !Emptied.Contains(entry.FullName) && !EmptiedForAll.Contains(entry.FullName))
            {
                Hide(entry.FullName);
            }
        }

        foreach (var path in hidden.Where(Directory.Exists).Select(Resolve))
        {
            Empty(path, 0b111_000_000);
        }

        foreach (var path in Removed.Where(File.Exists).Concat(Guarded.Where(Directory.Exists).SelectMany(Unreadable)))
        {
            Remove(path);
        }

        foreach (var path in new[] { ProgramDirectory, RuntimeDirectory })
        {
            Parents(path);
            Directory.CreateDirectory(Mask + path);
        }
    }

    /// <summary>A path as the options of an overlay take it.</summary>
    public static string OverlayPath(string path) =>
        path.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal).Replace(":", "\\:", StringComparison.Ordinal);

    private static string Resolve(string path) => MountPath.Canonical(path);

    private void Empty(string path, int mode)
    {
        var real = Resolve(path);
        // What is in something that is hidden is hidden, its name too.
        if (IsHidden(real))
        {
            return;
        }

        Parents(real);
        _hiddenPaths.Add(real);
        var layer = Mask + real;
        Directory.CreateDirectory(layer);
        File.SetUnixFileMode(layer, (UnixFileMode)mode);
        // Opaque: nothing of the layers below shows through.
        var yes = (byte)'y';
        if (LibC.setxattr(layer, "trusted.overlay.opaque", &yes, 1, 0) != 0)
        {
            throw LibC.Failure($"hide {path}");
        }
    }

    private static IEnumerable<string> Unreadable(string directory) => new DirectoryInfo(directory)
        .EnumerateFileSystemInfos("*", Everything)
        .Where(entry => (entry.UnixFileMode & UnixFileMode.OtherRead) == 0)
        .Select(entry => entry.FullName);

    private void Remove(string path) => Hide(Resolve(path));

    private void Hide(string real)
    {
        if (IsHidden(real))
        {
            return;
        }

        Parents(real);
        _hiddenPaths.Add(real);
        // A device 0/0 is how overlays say that there is no such file.
        if (LibC.mknod(Mask + real, CharacterDevice, 0) != 0)
        {
            throw LibC.Failure($"hide {real}");
        }
    }

    private void MakeVariable()
    {
        foreach (var path in VariableDirectories)
        {
            Directory.CreateDirectory(Mask + path, (UnixFileMode)0b111_101_101);
        }

        Directory.CreateDirectory(Mask + "/var/tmp");
        File.SetUnixFileMode(Mask + "/var/tmp", (UnixFileMode)0b1_111_111_111);
        foreach (var (path, target) in VariableLinks)
        {
            File.CreateSymbolicLink(Mask + path, target);
        }
    }

    private bool IsHidden(string path)
    {
        for (var part = path; part != "/"; part = Path.GetDirectoryName(part)!)
        {
            if (_hiddenPaths.Contains(part))
            {
                return true;
            }
        }

        return false;
    }

    // The directories above look as the machine's do, since a layer's own attributes win.
    private void Parents(string path)
    {
        var parent = Path.GetDirectoryName(path)!;
        if (Directory.Exists(Mask + parent))
        {
            return;
        }

        Parents(parent);
        Directory.CreateDirectory(Mask + parent);
        File.SetUnixFileMode(Mask + parent, Directory.Exists(parent) ? File.GetUnixFileMode(parent) : (UnixFileMode)0b111_101_101);
    }
}
