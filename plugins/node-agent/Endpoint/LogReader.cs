using System.Buffers;
using System.IO.Pipelines;

namespace Modular.Plugins.NodeAgent.Endpoint;

/// <summary>Copies a log in CRI format to a reader as what the container wrote, and goes on as long as it is asked to.</summary>
internal sealed class LogReader(string path, LogOptions options, PipeWriter output, Func<bool> hasEnded)
{
    private const int ChunkSize = 64 * 1024;
    private long _left = options.LimitBytes ?? long.MaxValue;
    private bool _lineOpen;

    public async Task CopyAsync(Func<Action, IDisposable> subscribe, CancellationToken cancellationToken)
    {
        using var file = new LogFiles(path);
        using var changed = new SemaphoreSlim(1, 1);
        using var subscription = options.Follow ? subscribe(() => Release(changed)) : null;
        using var watcher = options.Follow ? Watch(changed) : null;
        file.Seek(await StartAsync(file, cancellationToken).ConfigureAwait(false));
        file.Follows = options.Follow;
        var lines = new LineBuffer();
        while (true)
        {
            // Asked before reading: what is written before the end is read after the answer.
            var ended = !options.Follow || hasEnded();
            while (await lines.FillAsync(file, cancellationToken).ConfigureAwait(false))
            {
                Write(lines);
                await output.FlushAsync(cancellationToken).ConfigureAwait(false);
                if (_left == 0)
                {
                    return;
                }
            }

            if (ended)
            {
                return;
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static void Release(SemaphoreSlim changed)
    {
        try
        {
            changed.Release();
        }
        catch (Exception exception) when (exception is SemaphoreFullException or ObjectDisposedException)
        {
            // Woken already, or no longer interested.
        }
    }

    private FileSystemWatcher Watch(SemaphoreSlim changed)
    {
        var watcher = new FileSystemWatcher(Path.GetDirectoryName(path)!, Path.GetFileName(path)) { NotifyFilter = NotifyFilters.Size | NotifyFilters.LastWrite };
        watcher.Changed += (_, _) => Release(changed);
        watcher.EnableRaisingEvents = true;
        return watcher;
    }

    private void Write(LineBuffer lines)
    {
        while (_left > 0 && lines.TryRead(out var line))
        {
            if (!CriLine.TryParse(line, out var entry)
                || (options.Stream.Length > 0 && !System.Text.Ascii.Equals(entry.Stream, options.Stream))
                || (options.Since is { } since && !entry.IsSince(since)))
            {
                continue;
            }

            if (options.Timestamps && !_lineOpen)
            {
                Write(entry.Time);
                Write(" "u8);
            }

            Write(entry.Content);
            if (entry.IsComplete)
            {
                Write("\n"u8);
            }

            _lineOpen = !entry.IsComplete;
        }
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        var count = (int)Math.Min(bytes.Length, _left);
        output.Write(bytes[..count]);
        _left -= count;
    }

    /// <summary>Where to begin: at the first of the last lines that are wanted, found from the end backwards.</summary>
    private async ValueTask<long> StartAsync(LogFiles file, CancellationToken cancellationToken)
    {
        if (options.TailLines is not { } wanted)
        {
            return 0;
        }

        // Lines that another option drops do not count: then the whole file must be looked at.
        if (options.Stream.Length > 0)
        {
            return await StartFilteredAsync(file, wanted, cancellationToken).ConfigureAwait(false);
        }

        var buffer = new byte[ChunkSize];
        var end = file.Length;
        var position = end;
        var newlines = 0L;
        var lineEnd = end;
        while (position > 0)
        {
            var count = (int)Math.Min(ChunkSize, position);
            position -= count;
            await file.ReadAtAsync(buffer.AsMemory(0, count), position, cancellationToken).ConfigureAwait(false);
            for (var index = count - 1; index >= 0; index--)
            {
                if (buffer[index] != (byte)'\n')
                {
                    continue;
                }

                // The n-th newline from the end closes the n-th last line; parts of one long line count as the one they are.
                lineEnd = position + index + 1;
                if (newlines == wanted && await ClosesLineAsync(file, position + index, cancellationToken).ConfigureAwait(false))
                {
                    return lineEnd;
                }

                if (await ClosesLineAsync(file, position + index, cancellationToken).ConfigureAwait(false))
                {
                    newlines++;
                    if (newlines > wanted)
                    {
                        return lineEnd;
                    }
                }
            }
        }

        return 0;
    }

    /// <summary>Whether the line before this newline is tagged complete.</summary>
    private static async ValueTask<bool> ClosesLineAsync(LogFiles file, long newline, CancellationToken cancellationToken)
    {
        const int longestLine = (16 * 1024) + 64;
        var from = Math.Max(0, newline - longestLine);
        var buffer = new byte[newline - from];
        await file.ReadAtAsync(buffer, from, cancellationToken).ConfigureAwait(false);
        var line = buffer.AsSpan(buffer.AsSpan().LastIndexOf((byte)'\n') + 1);
        return !CriLine.TryParse(line, out var entry) || entry.IsComplete;
    }

    private async ValueTask<long> StartFilteredAsync(LogFiles file, long wanted, CancellationToken cancellationToken)
    {
        var starts = new Queue<long>();
        var lines = new LineBuffer();
        file.Seek(0);
        var (position, open) = (0L, false);
        while (await lines.FillAsync(file, cancellationToken).ConfigureAwait(false))
        {
            while (lines.TryRead(out var line))
            {
                if (CriLine.TryParse(line, out var entry) && System.Text.Ascii.Equals(entry.Stream, options.Stream))
                {
                    if (!open)
                    {
                        starts.Enqueue(position);
                        if (starts.Count > wanted)
                        {
                            starts.Dequeue();
                        }
                    }

                    open = !entry.IsComplete;
                }

                position += line.Length + 1;
            }
        }

        return starts.TryPeek(out var start) ? start : position;
    }
}
