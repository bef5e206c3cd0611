using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Modular.Plugins.StoreEmbedded.Files;

/// <summary>A directory of the local file system.</summary>
internal sealed partial class DirectoryFiles(string path) : IStoreFiles
{
    // O_CLOEXEC: containers' processes must not inherit it. Opening a directory needs no flag of its own.
    private const int ReadOnlyNotInherited = 0x80000;

    public IReadOnlyList<string> List()
    {
        var names = Directory.GetFiles(path);
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = Path.GetFileName(names[i]);
        }

        return names;
    }

    public IStoreFile Create(string name) => Open(name, FileMode.CreateNew);

    public IStoreFile Open(string name) => Open(name, FileMode.Open);

    public void Rename(string from, string to) => File.Move(Path.Combine(path, from), Path.Combine(path, to), overwrite: true);

    public void Delete(string name) => File.Delete(Path.Combine(path, name));

    public void SyncDirectory()
    {
        using var directory = OpenDirectory(path, ReadOnlyNotInherited);
        if (directory.IsInvalid || SyncAll(directory) != 0)
        {
            throw Failure($"the directory {path}");
        }
    }

    private LocalFile Open(string name, FileMode mode)
    {
        var file = Path.Combine(path, name);
        return new(file, File.OpenHandle(file, mode, FileAccess.ReadWrite, FileShare.ReadWrite));
    }

    private static IOException Failure(string what)
    {
        var error = Marshal.GetLastPInvokeError();
        var message = $"cannot flush {what}: {Marshal.GetPInvokeErrorMessage(error)}";
        return DiskFull.Is(error) ? new IOException(message, error) : new FlushFailedException(message, error);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle OpenDirectory(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int SyncAll(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int SyncData(SafeFileHandle file);

    private sealed class LocalFile(string name, SafeFileHandle handle) : IStoreFile
    {
        public long Length => RandomAccess.GetLength(handle);

        public int Read(Span<byte> target, long position)
        {
            var read = 0;
            while (read < target.Length)
            {
                var more = RandomAccess.Read(handle, target[read..], position + read);
                if (more == 0)
                {
                    break;
                }

                read += more;
            }

            return read;
        }

        public void Write(ReadOnlySpan<byte> bytes, long position) => RandomAccess.Write(handle, bytes, position);

        public void Sync()
        {
            if (SyncData(handle) != 0)
            {
                throw Failure(name);
            }
        }

        public void Dispose() => handle.Dispose();
    }
}
