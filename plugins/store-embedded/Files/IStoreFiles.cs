namespace Modular.Plugins.StoreEmbedded.Files;

/// <summary>The store's view of its directory; the one place where tests make a disk fail.</summary>
internal interface IStoreFiles
{
    /// <summary>The names of the files there are.</summary>
    IReadOnlyList<string> List();

    /// <summary>The whole content of a file.</summary>
    byte[] Read(string name);

    /// <summary>Makes a file, which must not exist, or opens one for writing in place.</summary>
    IStoreFile Open(string name, bool create);

    /// <summary>Gives a file another name, replacing what has it.</summary>
    void Rename(string from, string to);

    /// <summary>Removes a file.</summary>
    void Delete(string name);

    /// <summary>Makes names that came, changed or went durable.</summary>
    void SyncDirectory();
}

/// <summary>An open file, written at positions.</summary>
internal interface IStoreFile : IDisposable
{
    /// <summary>Its length in bytes.</summary>
    long Length { get; }

    /// <summary>Writes all bytes at a position.</summary>
    /// <exception cref="IOException">They could not be written; <see cref="DiskFull.Is"/> tells whether for lack of space.</exception>
    void Write(ReadOnlySpan<byte> bytes, long position);

    /// <summary>Returns when everything written is on disk. A failure is final: what the disk holds is not known any more.</summary>
    void Sync();
}

/// <summary>Tells a full disk from other failures.</summary>
internal static class DiskFull
{
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;

    public static bool Is(IOException e) => e.HResult is NoSpace or QuotaExceeded || (e.HResult & 0xffff) is 0x70 or 0x27;
}
