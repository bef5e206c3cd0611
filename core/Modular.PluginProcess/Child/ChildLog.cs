using Microsoft.Extensions.Logging;

namespace Modular.PluginProcess.Child;

/// <summary>Writes events to standard error, one a line and with their level in front, as the host expects them.</summary>
internal sealed class ChildLog(TextWriter output) : ILoggerFactory, ILoggerProvider
{
    private readonly TextWriter _output = TextWriter.Synchronized(output);

    public ILogger CreateLogger(string categoryName) => new Logger(_output, categoryName);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("the host decides where logs go");

    public void Dispose()
    {
        // Standard error is not ours to close.
    }

    private sealed class Logger(TextWriter output, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Information and not LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                var error = exception is null ? "" : $" error={(logLevel >= LogLevel.Error ? exception.ToString() : exception.Message)}";
                output.WriteLine($"<{Syslog(logLevel)}>{category}: {formatter(state, exception)}{error}".ReplaceLineEndings(" | "));
            }
        }

        private static int Syslog(LogLevel level) => level switch
        {
            LogLevel.Critical => 2,
            LogLevel.Error => 3,
            LogLevel.Warning => 4,
            _ => 6,
        };
    }
}
