using System.Globalization;
using System.Security.Cryptography;
using Modular.Plugins.NodeAgent.Native;

namespace Modular.Plugins.NodeAgent.Volumes;

/// <summary>
/// Files that change all at once. They are in a directory of their own, which the link <c>..data</c> names; what readers open is links
/// through it. To change them a new directory is written and the link is exchanged.
/// </summary>
internal static class AtomicDirectory
{
    private const string DataLink = "..data";
    private const string NewDataLink = "..data_tmp";
    private const string Hidden = "..";
    private const UnixFileMode DirectoryMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>Whether files were ever written to it.</summary>
    public static bool IsWritten(string directory) => Directory.Exists(Path.Combine(directory, DataLink));

    /// <summary>Makes a directory hold these files and no others. False if it did.</summary>
    /// <param name="directory">It exists, and nobody else writes to it.</param>
    /// <param name="files">The files, in the order of their paths.</param>
    /// <param name="group">Whom files and directories belong to beside root; null for the agent's own.</param>
    public static bool Write(string directory, IReadOnlyList<VolumeFile> files, long? group, DateTimeOffset now)
    {
        var link = Path.Combine(directory, DataLink);
        var old = Directory.Exists(link) ? Path.Combine(directory, new FileInfo(link).LinkTarget!) : null;
        if (old is not null && Holds(old, files))
        {
            return false;
        }

        var name = Hidden + now.ToString("yyyy_MM_dd_HH_mm_ss.", CultureInfo.InvariantCulture) + RandomNumberGenerator.GetHexString(8, lowercase: true);
        var written = Path.Combine(directory, name);
        CreateDirectory(written, group);
        foreach (var file in files)
        {
            WriteFile(written, file, group);
        }

        var newLink = Path.Combine(directory, NewDataLink);
        File.Delete(newLink);
        File.CreateSymbolicLink(newLink, name);
        if (LibC.rename(newLink, link) != 0)
        {
            throw LibC.LastError(link);
        }

        ShowOnly(directory, [.. files.Select(file => file.Path.Split('/')[0])]);
        RemoveAllBut(directory, name, old);
        return true;
    }

    private static bool Holds(string directory, IReadOnlyList<VolumeFile> files)
    {
        var present = Directory.GetFiles(directory, "*", SearchOption.AllDirectories);
        return present.Length == files.Count
            && files.All(file => Path.Combine(directory, file.Path) is var path && File.Exists(path) && File.GetUnixFileMode(path) == file.Mode
                && new FileInfo(path).Length == file.Data.Length && File.ReadAllBytes(path).AsSpan().SequenceEqual(file.Data));
    }

    private static void WriteFile(string root, VolumeFile file, long? group)
    {
        var parts = file.Path.Split('/');
        var path = root;
        foreach (var part in parts.AsSpan(..^1))
        {
            path = Path.Combine(path, part);
            CreateDirectory(path, group);
        }

        path = Path.Combine(path, parts[^1]);
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var stream = new FileStream(path, options))
        {
            stream.Write(file.Data);
        }

        VolumeOwnership.Give(path, group);
        File.SetUnixFileMode(path, file.Mode);
    }

    private static void CreateDirectory(string path, long? group)
    {
        if (!Directory.Exists(path))
        {
            Directory.CreateDirectory(path);
            VolumeOwnership.Give(path, group);
            File.SetUnixFileMode(path, group is null ? DirectoryMode : DirectoryMode | UnixFileMode.SetGroup);
        }
    }

    private static void ShowOnly(string directory, HashSet<string> names)
    {
        foreach (var name in names)
        {
            var link = Path.Combine(directory, name);
            if (new FileInfo(link).LinkTarget is null)
            {
                File.CreateSymbolicLink(link, $"{DataLink}/{name}");
            }
        }

        foreach (var entry in Directory.EnumerateFileSystemEntries(directory))
        {
            if (Path.GetFileName(entry) is var name && !name.StartsWith(Hidden, StringComparison.Ordinal) && !names.Contains(name))
            {
                File.Delete(entry);
            }
        }
    }

    private static void RemoveAllBut(string directory, string current, string? previous)
    {
        foreach (var entry in Directory.EnumerateDirectories(directory, Hidden + "*"))
        {
            // The link ..data counts as a directory as well. The directory before stays for those who have read the link and not yet gone there.
            if (Path.GetFileName(entry) is var name && name != current && name != DataLink && entry != previous)
            {
                Directory.Delete(entry, recursive: true);
            }
        }
    }
}
