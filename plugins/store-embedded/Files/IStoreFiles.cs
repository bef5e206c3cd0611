namespace Modular.Plugins.StoreEmbedded.Files;

/// <summary>The store's view of its directory; the one place where tests make a disk fail.</summary>
internal interface IStoreFiles
{
    /// <summary>The names of the files there are.</summary>
    IReadOnlyList<string> List();

    /// <summary>Makes a file, which must not exist.</summary>
    IStoreFile Create(string name);

    /// <summary>Opens a file, to read it and to write in place.</summary>
    IStoreFile Open(string name);

    /// <summary>Gives a file another name, replacing what has it.</summary>
    void Rename(string from, string to);

    /// <summary>Removes a file; one that does not exist is fine.</summary>
    void Delete(string name);

    /// <summary>Makes names that came, changed or went durable.</summary>
    /// <exception cref="FlushFailedException">It is not known which names are durable.</exception>
    void SyncDirectory();
}

/// <summary>An open file, read and written at positions.</summary>
internal interface IStoreFile : IDisposable
{
    /// <summary>Its length in bytes.</summary>
    long Length { get; }

    /// <summary>Reads until the target is full or the file ends; answers how many bytes.</summary>
    int Read(Span<byte> target, long position);

    /// <summary>Writes all bytes at a position.</summary>
    /// <exception cref="IOException">They could not be written; <see cref="DiskFull.Is"/> tells whether for lack of space.</exception>
    void Write(ReadOnlySpan<byte> bytes, long position);

    /// <summary>Returns when everything written is on disk.</summary>
    /// <exception cref="FlushFailedException">What the disk holds is not known any more.</exception>
    /// <exception cref="IOException">There is no space for what was written.</exception>
    void Sync();
}
