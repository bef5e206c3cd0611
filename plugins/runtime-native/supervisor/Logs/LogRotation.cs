using System.Globalization;
using Modular.RuntimeNative.Supervisor.Native;

namespace Modular.RuntimeNative.Supervisor.Logs;

/// <summary>
/// Keeps a log within bounds. A full file gets the next number behind its name, and keeps it; there is a file of the plain name at any time,
/// so that a reader who opens that one first, and the numbered ones then, misses nothing.
/// </summary>
internal sealed class LogRotation(string path, long maxSize, int maxFiles)
{
    private const UnixFileMode OwnerWrites = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    private const int RetryAfter = 1 << 20;

    // An empty file takes a line however long.
    private long _notBefore = 1;

    public FileStream Open() => Open(path, FileMode.Append);

    /// <summary>Whether a file of such a length has to be rotated before so many bytes more are written.</summary>
    public bool IsDue(long length, int more) => maxSize > 0 && length >= _notBefore && length + more > maxSize;

    /// <summary>The file to write to from now on: a new one, if one can be made.</summary>
    public FileStream Next(FileStream file)
    {
        try
        {
            var next = Rotate();
            file.Dispose();
            _notBefore = 1;
            return next;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A log that is too long is better than lines that are lost.
            _notBefore = file.Position + RetryAfter;
            return file;
        }
    }

    private FileStream Rotate()
    {
        var numbers = Numbers();
        var number = numbers.DefaultIfEmpty().Max() + 1;
        var prepared = path + ".new";
        var next = Open(prepared, FileMode.Create);
        if (LibC.link(path, Numbered(number)) != 0 || LibC.rename(prepared, path) != 0)
        {
            next.Dispose();
            throw LibC.Failure($"rotate {path}");
        }

        foreach (var old in numbers.Where(old => old <= number - (maxFiles - 1)))
        {
            File.Delete(Numbered(old));
        }

        return next;
    }

    private List<int> Numbers() =>
    [
        .. Directory.EnumerateFiles(Path.GetDirectoryName(path)!, Path.GetFileName(path) + ".*", new EnumerationOptions())
            .Select(file => int.TryParse(file.AsSpan(path.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0)
            .Where(number => number > 0),
    ];

    private string Numbered(int number) => path + "." + number.ToString(CultureInfo.InvariantCulture);

    private static FileStream Open(string path, FileMode mode) => new(path, new FileStreamOptions
    {
        Mode = mode,
        Access = FileAccess.Write,
        Share = FileShare.ReadWrite | FileShare.Delete,
        BufferSize = 0,
        UnixCreateMode = OwnerWrites,
    });
}
