using System.Runtime.InteropServices;

namespace Modular.Plugins.NodeAgent.Native;

/// <summary>What a path leads to.</summary>
internal enum FileType
{
    Missing = 0,
    Pipe = 1,
    CharDevice = 2,
    Directory = 4,
    BlockDevice = 6,
    File = 8,
    Link = 10,
    Socket = 12,
}

internal static class FileTypes
{
    /// <summary>Links are followed.</summary>
    public static unsafe FileType Of(string path)
    {
        const int size = 256;
        const int modeOffset = 28;
        const int typeShift = 12;
        const uint typeWanted = 1;
        var buffer = stackalloc byte[size];
        if (LibC.statx(LibC.AtCurrentDirectory, path, 0, typeWanted, buffer) != 0)
        {
            return Marshal.GetLastPInvokeError() == LibC.ENOENT ? FileType.Missing : throw LibC.LastError(path);
        }

        return (FileType)(*(ushort*)(buffer + modeOffset) >> typeShift);
    }
}
