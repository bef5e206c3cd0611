namespace Modular.Plugins.StoreEmbedded.Files;

/// <summary>Keeps other processes out of a directory. The lock is the kernel's (flock): it ends with the process, however that ends.</summary>
internal sealed class DirectoryLock : IDisposable
{
    private const int WouldBlock = 11;

    private readonly FileStream _file;

    private DirectoryLock(FileStream file) => _file = file;

    /// <summary>Takes the lock and leaves this process's id beside it, for those who find it taken.</summary>
    /// <exception cref="InvalidOperationException">Another process has it.</exception>
    public static DirectoryLock Take(string directory)
    {
        var owner = Path.Combine(directory, "lock-owner");
        try
        {
            var file = new FileStream(Path.Combine(directory, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            WriteOwner(owner);
            return new(file);
        }
        catch (IOException e) when (e.HResult == WouldBlock)
        {
            throw new InvalidOperationException(
                $"the store in {directory} is in use by {OwnerOf(owner)}; stop that cluster, or choose another data directory", e);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _file.Dispose();

    private static void WriteOwner(string path)
    {
        try
        {
            File.WriteAllText(path, $"{Environment.ProcessId}");
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            // The id is only a hint; reading must work on a full disk.
        }
    }

    private static string OwnerOf(string path)
    {
        try
        {
            return int.TryParse(File.ReadAllText(path), out var id) ? $"process {id}" : "another process";
        }
        catch (IOException)
        {
            return "another process";
        }
    }
}
