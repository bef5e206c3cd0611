using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Modular.Plugins.StoreEmbedded.Files;

/// <summary>A directory of the local file system.</summary>
internal sealed partial class DirectoryFiles(string path) : IStoreFiles
{
    private const int ReadOnlyDirectory = 0x10000;

    public IReadOnlyList<string> List() => [.. Directory.EnumerateFiles(path).Select(file => Path.GetFileName(file))];

    public byte[] Read(string name) => File.ReadAllBytes(Path.Combine(path, name));

    public IStoreFile Open(string name, bool create) => new LocalFile(File.OpenHandle(
        Path.Combine(path, name), create ? FileMode.CreateNew : FileMode.Open, FileAccess.ReadWrite, FileShare.Read));

    public void Rename(string from, string to) => File.Move(Path.Combine(path, from), Path.Combine(path, to), overwrite: true);

    public void Delete(string name) => File.Delete(Path.Combine(path, name));

    public void SyncDirectory()
    {
        using var directory = OpenDirectory(path, ReadOnlyDirectory);
        if (directory.IsInvalid || SyncAll(directory) != 0)
        {
            throw new IOException($"cannot flush the directory {path}: {Marshal.GetLastPInvokeErrorMessage()}", Marshal.GetLastPInvokeError());
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle OpenDirectory(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int SyncAll(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int SyncData(SafeFileHandle file);

    private sealed class LocalFile(SafeFileHandle handle) : IStoreFile
    {
        public long Length => RandomAccess.GetLength(handle);

        public void Write(ReadOnlySpan<byte> bytes, long position) => RandomAccess.Write(handle, bytes, position);

        public void Sync()
        {
            if (SyncData(handle) != 0)
            {
                throw new IOException($"cannot flush the log: {Marshal.GetLastPInvokeErrorMessage()}", Marshal.GetLastPInvokeError());
            }
        }

        public void Dispose() => handle.Dispose();
    }
}
