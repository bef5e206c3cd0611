using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Modular.Host.Logging;

/// <summary>
/// Logs one line an event: time, level, category, message, the event.s name. A line is one write, so that lines of
/// several threads never mix and a kill loses none that was logged.
/// </summary>
internal sealed class LineLoggerProvider(Stream output, TimeProvider time, LogLevel minimum) : ILoggerProvider
{
    private readonly Lock _gate = new();

    public ILogger CreateLogger(string categoryName) => new LineLogger(this, categoryName);

    public void Dispose() => output.Flush();

    private void Write(string line)
    {
        var bytes = Encoding.UTF8.GetBytes(line);
        lock (_gate)
        {
            try
            {
                output.Write(bytes);
                output.Flush();
            }
            catch (IOException)
            {
                // A full disk must not end the cluster; the log is the first to give way.
            }
        }
    }

    private sealed class LineLogger(LineLoggerProvider provider, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= provider.Minimum && logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
            {
                return;
            }

            var line = new StringBuilder(160);
            line.Append(provider.Time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            line.Append(' ').Append(Level(logLevel)).Append(' ').Append(category).Append(": ").Append(OneLine(formatter(state, exception)));
            if (eventId.Name is { Length: > 0 } name)
            {
                line.Append(" event=").Append(name);
            }

            if (exception is not null)
            {
                line.Append(" error=").Append(OneLine(logLevel >= LogLevel.Error ? exception.ToString() : exception.Message));
            }

            provider.Write(line.Append('\n').ToString());
        }

        private static string Level(LogLevel level) => level switch
        {
            LogLevel.Trace => "trace",
            LogLevel.Debug => "debug",
            LogLevel.Information => "info",
            LogLevel.Warning => "warn",
            LogLevel.Error => "error",
            _ => "fatal",
        };

        private static string OneLine(string text) =>
            text.Contains('\n', StringComparison.Ordinal) ? text.ReplaceLineEndings(" | ") : text;
    }

    private LogLevel Minimum => minimum;

    private TimeProvider Time => time;
}
