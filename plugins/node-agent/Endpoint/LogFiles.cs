using System.Globalization;
using Modular.Plugins.NodeAgent.Native;

namespace Modular.Plugins.NodeAgent.Endpoint;

/// <summary>
/// A container's log with what was rotated out of it, read as one file. The runtime writes to the file of the plain name; a full one
/// gets a number behind its name, each a higher one than the last.
/// </summary>
internal sealed class LogFiles : IDisposable
{
    private readonly string _path;
    private readonly List<FileStream> _files = [];
    private int _reading;

    /// <exception cref="IOException">There is no such log.</exception>
    public LogFiles(string path)
    {
        _path = path;
        AddNewer();
    }

    /// <summary>How long all files are together.</summary>
    public long Length => _files.Sum(file => file.Length);

    /// <summary>Whether reading goes on in the files that are begun from now on.</summary>
    public bool Follows { get; set; }

    /// <summary>Removes a log with all that was rotated out of it.</summary>
    public static void Delete(string path)
    {
        foreach (var file in Rotated(path).Append(path))
        {
            File.Delete(file);
        }
    }

    /// <summary>Where <see cref="ReadAsync"/> goes on, counted from the start of the oldest file.</summary>
    public void Seek(long position)
    {
        for (_reading = 0; _reading < _files.Count - 1 && position >= _files[_reading].Length; _reading++)
        {
            position -= _files[_reading].Length;
        }

        _files[_reading].Position = position;
        foreach (var later in _files.Skip(_reading + 1))
        {
            later.Position = 0;
        }
    }

    /// <summary>Reads on. 0 if there is no more at the moment.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await _files[_reading].ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (read > 0)
            {
                return read;
            }

            if (_reading < _files.Count - 1)
            {
                _reading++;
            }
            else if (!Follows || !AddNewer())
            {
                return 0;
            }

            // After a rotation the same file is read once more: something may have been written to it in between.
        }
    }

    /// <summary>Fills a buffer from a position, across the borders of files.</summary>
    public async ValueTask ReadAtAsync(Memory<byte> buffer, long position, CancellationToken cancellationToken)
    {
        foreach (var file in _files)
        {
            var length = file.Length;
            if (position < length && buffer.Length > 0)
            {
                var part = buffer[..(int)Math.Min(buffer.Length, length - position)];
                await RandomAccess.ReadAsync(file.SafeFileHandle, part, position, cancellationToken).ConfigureAwait(false);
                buffer = buffer[part.Length..];
                position = length;
            }

            position -= length;
        }
    }

    public void Dispose()
    {
        foreach (var file in _files)
        {
            file.Dispose();
        }
    }

    /// <summary>Opens what was begun after the last file that is known. False if nothing was.</summary>
    private bool AddNewer()
    {
        // The plain name first: what is rotated meanwhile is then met twice, and not missed.
        if ((_files.Count > 0 ? TryOpen(_path) : Open(_path)) is not { } current)
        {
            return false;
        }

        var identity = FileStatus.Of(current.SafeFileHandle).Identity;
        if (_files.Count > 0 && FileStatus.Of(_files[^1].SafeFileHandle).Identity == identity)
        {
            current.Dispose();
            return false;
        }

        var newer = new List<FileStream>();
        foreach (var file in Rotated(_path).Select(TryOpen).OfType<FileStream>())
        {
            var rotated = FileStatus.Of(file.SafeFileHandle).Identity;
            if (rotated == identity)
            {
                file.Dispose();
                break;
            }

            newer.Add(file);
            if (_files.Count > 0 && FileStatus.Of(_files[^1].SafeFileHandle).Identity == rotated)
            {
                newer.ForEach(known => known.Dispose());
                newer.Clear();
            }
        }

        DropRead();
        _files.AddRange([.. newer, current]);
        return true;
    }

    private void DropRead()
    {
        _files.Take(_reading).ToList().ForEach(file => file.Dispose());
        _files.RemoveRange(0, _reading);
        _reading = 0;
    }

    private static IEnumerable<string> Rotated(string path) => Directory.EnumerateFiles(Path.GetDirectoryName(path)!, Path.GetFileName(path) + ".*", new EnumerationOptions())
        .Select(file => (Path: file, Number: int.TryParse(file.AsSpan(path.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0))
        .Where(file => file.Number > 0)
        .OrderBy(file => file.Number)
        .Select(file => file.Path);

    private static FileStream? TryOpen(string path)
    {
        try
        {
            return Open(path);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            // Removed meanwhile.
            return null;
        }
    }

    private static FileStream Open(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.Open,
        Access = FileAccess.Read,
        Share = FileShare.ReadWrite | FileShare.Delete,
        BufferSize = 0,
    });
}
