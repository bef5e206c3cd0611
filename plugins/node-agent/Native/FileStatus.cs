using Microsoft.Win32.SafeHandles;

namespace Modular.Plugins.NodeAgent.Native;

/// <summary>What the kernel knows of a file beside its content.</summary>
/// <param name="Identity">The same for every name of the file, and for no other file.</param>
/// <param name="Names">How many names it has.</param>
/// <param name="AllocatedBytes">What it takes on its disk.</param>
internal readonly record struct FileStatus((uint Major, uint Minor, ulong Number) Identity, uint Names, long AllocatedBytes)
{
    /// <summary>Of a path, or of the link itself if it is one.</summary>
    /// <exception cref="IOException">There is none.</exception>
    public static FileStatus Of(string path) => Read(LibC.AtCurrentDirectory, path, LibC.AT_SYMLINK_NOFOLLOW);

    public static FileStatus Of(SafeFileHandle file) => Read((int)file.DangerousGetHandle(), "", LibC.AT_EMPTY_PATH);

    private static unsafe FileStatus Read(int directory, string path, int flags)
    {
        const int size = 256;
        const int blockSize = 512;
        const uint basicStatus = 0x7ff;
        // struct statx: stx_nlink, stx_ino, stx_blocks, stx_dev_major, stx_dev_minor.
        const int names = 16;
        const int number = 32;
        const int blocks = 48;
        const int major = 136;
        const int minor = 140;
        var buffer = stackalloc byte[size];
        return LibC.statx(directory, path, flags, basicStatus, buffer) == 0
            ? new FileStatus(
                (*(uint*)(buffer + major), *(uint*)(buffer + minor), *(ulong*)(buffer + number)), *(uint*)(buffer + names), *(long*)(buffer + blocks) * blockSize)
            : throw LibC.LastError(path);
    }
}
