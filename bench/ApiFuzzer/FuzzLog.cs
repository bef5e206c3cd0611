using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Modular.ApiFuzzer;

/// <summary>Keeps the errors that are logged until somebody asks: they explain a failure.</summary>
internal sealed class FuzzLog : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<string> _errors = new();

    /// <summary>What was logged since the last call.</summary>
    public string TakeErrors()
    {
        var text = string.Join('\n', _errors);
        _errors.Clear();
        return text;
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            _errors.Enqueue($"{formatter(state, exception)} {exception}");
        }
    }

    public void Dispose()
    {
        // It holds nothing.
    }
}
