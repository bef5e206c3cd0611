using Microsoft.Extensions.Logging;

namespace Modular.Kernel.Plugins;

/// <summary>Passes lines on as long as there are not too many: a plugin that spams must not fill the disk or hide the others.</summary>
internal sealed partial class RatedLogger(ILogger inner, LineRate rate) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => inner.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!inner.IsEnabled(logLevel) || !rate.Admits(out var refused))
        {
            return;
        }

        if (refused > 0)
        {
            LogRefused(inner, refused);
        }

        inner.Log(logLevel, eventId, state, exception, formatter);
    }

    [LoggerMessage(LogLevel.Warning, "{Count} lines were too many in a second and are lost")]
    private static partial void LogRefused(ILogger log, int count);
}
