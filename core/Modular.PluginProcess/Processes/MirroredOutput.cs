using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Modular.PluginProcess;

/// <summary>
/// Takes what a process writes, line by line, to the host's log. It always reads on, so that the process is never held up, and drops the rest of
/// long lines.
/// </summary>
internal sealed partial class MirroredOutput(ILogger log)
{
    private const int LongestLine = 8 * 1024;

    /// <summary>The last line; empty if there was none.</summary>
    public string LastLine { get; private set; } = "";

    /// <param name="stream">Read to its end.</param>
    /// <param name="take">Answers true for a line that is for the host itself and not for the log.</param>
    public async Task MirrorAsync(Stream stream, Func<string, bool> take)
    {
        var reader = PipeReader.Create(stream);
        var skipping = false;
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync().ConfigureAwait(false);
                var buffer = read.Buffer;
                while (buffer.PositionOf((byte)'\n') is { } end)
                {
                    if (!skipping)
                    {
                        Line(buffer.Slice(0, end), take);
                    }

                    skipping = false;
                    buffer = buffer.Slice(buffer.GetPosition(1, end));
                }

                if (buffer.Length > LongestLine || (read.IsCompleted && buffer.Length > 0))
                {
                    if (!skipping)
                    {
                        Line(buffer, take);
                    }

                    skipping = true;
                    buffer = buffer.Slice(buffer.End);
                }

                reader.AdvanceTo(buffer.Start, buffer.End);
                if (read.IsCompleted)
                {
                    return;
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The process is gone, or given up.
        }
        finally
        {
            await reader.CompleteAsync().ConfigureAwait(false);
        }
    }

    private void Line(ReadOnlySequence<byte> bytes, Func<string, bool> take)
    {
        var text = Encoding.UTF8.GetString(bytes.Slice(0, Math.Min(bytes.Length, LongestLine))).TrimEnd('\r');
        if (take(text))
        {
            return;
        }

        var level = LogLevel.Information;
        if (text.Length > 2 && text[0] == '<' && text[2] == '>' && text[1] is >= '0' and <= '7')
        {
            level = Level(text[1] - '0');
            text = text[3..];
        }

        if (text.Length > 0)
        {
            LastLine = text;
            LogLine(level, text);
        }
    }

    private static LogLevel Level(int syslog) => syslog switch
    {
        <= 2 => LogLevel.Critical,
        3 => LogLevel.Error,
        4 => LogLevel.Warning,
        7 => LogLevel.Debug,
        _ => LogLevel.Information,
    };

    [LoggerMessage(Message = "{Line}")]
    private partial void LogLine(LogLevel level, string line);
}
