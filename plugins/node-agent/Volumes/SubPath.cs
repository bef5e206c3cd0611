using System.Runtime.InteropServices;
using System.Text;
using Modular.Plugins.NodeAgent.Native;

namespace Modular.Plugins.NodeAgent.Volumes;

/// <summary>
/// A part of a volume. What is in a volume is a container's to change at any time, so each step is taken from an open directory, and links
/// are followed only within the volume.
/// </summary>
internal static class SubPath
{
    private const int MostLinks = 40;

    /// <summary>The part's path without links; directories that are missing are made if wished for.</summary>
    /// <exception cref="IOException">It leads out of the volume, or does not exist and is not to be made.</exception>
    public static string Resolve(string volume, string part, bool create)
    {
        var root = Path.GetFullPath(volume);
        var mode = (uint)File.GetUnixFileMode(root);
        var opened = new List<(string Name, int Descriptor)>();
        try
        {
            opened.Add((root, Open(LibC.AtCurrentDirectory, root)));
            var left = new Stack<string>(part.Split('/').Reverse());
            var links = 0;
            while (left.TryPop(out var name))
            {
                if (name is "" or ".")
                {
                    continue;
                }

                if (name == "..")
                {
                    Leave(opened, part);
                    continue;
                }

                var descriptor = Step(opened[^1].Descriptor, name, create, mode);
                if (LinkTarget(descriptor) is { } target)
                {
                    _ = LibC.close(descriptor);
                    Follow(target, left, ++links, part);
                    continue;
                }

                opened.Add((name, descriptor));
            }

            return Path.Combine([.. opened.Select(step => step.Name)]);
        }
        finally
        {
            foreach (var (_, descriptor) in opened)
            {
                _ = LibC.close(descriptor);
            }
        }
    }

    private static void Leave(List<(string Name, int Descriptor)> opened, string part)
    {
        if (opened.Count == 1)
        {
            throw new IOException($"subPath \"{part}\" leads out of its volume");
        }

        _ = LibC.close(opened[^1].Descriptor);
        opened.RemoveAt(opened.Count - 1);
    }

    private static void Follow(string target, Stack<string> left, int links, string part)
    {
        if (target.StartsWith('/') || links > MostLinks)
        {
            throw new IOException($"subPath \"{part}\" leads out of its volume");
        }

        foreach (var name in target.Split('/').Reverse())
        {
            left.Push(name);
        }
    }

    private static int Step(int directory, string name, bool create, uint mode)
    {
        var descriptor = LibC.openat(directory, name, LibC.O_PATH | LibC.O_NOFOLLOW | LibC.O_CLOEXEC);
        if (descriptor >= 0)
        {
            return descriptor;
        }

        if (!create || Marshal.GetLastPInvokeError() != LibC.ENOENT)
        {
            throw LibC.LastError(name);
        }

        if (LibC.mkdirat(directory, name, 0) != 0 && Marshal.GetLastPInvokeError() != LibC.EEXIST)
        {
            throw LibC.LastError(name);
        }

        // Not by its name: that may lead elsewhere by now.
        descriptor = LibC.openat(directory, name, LibC.O_DIRECTORY | LibC.O_NOFOLLOW | LibC.O_CLOEXEC);
        return descriptor >= 0 && LibC.fchmod(descriptor, mode) == 0 ? descriptor : throw LibC.LastError(name);
    }

    private static int Open(int directory, string path) =>
        LibC.openat(directory, path, LibC.O_PATH | LibC.O_DIRECTORY | LibC.O_CLOEXEC) is >= 0 and var descriptor ? descriptor : throw LibC.LastError(path);

    private static unsafe string? LinkTarget(int descriptor)
    {
        const int longest = 4096;
        var buffer = stackalloc byte[longest];
        var length = LibC.readlinkat(descriptor, "", buffer, longest);
        return length > 0 ? Encoding.UTF8.GetString(buffer, (int)length) : null;
    }
}
