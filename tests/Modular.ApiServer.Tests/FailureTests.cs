using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Modular.ApiServer.Tests;

/// <summary>What fails inside is explained in the server's log.</summary>
public sealed class FailureTests
{
    [Theory]
    [InlineData(StatusReason.InternalError, true, 500, "the rules are lost")]
    [InlineData(StatusReason.InternalError, false, 500, null)]
    [InlineData(StatusReason.ServiceUnavailable, true, 503, null)]
    public async Task The_cause_of_an_internal_error_is_logged(StatusReason reason, bool hasCause, int code, string? logged)
    {
        var status = new ApiStatus(reason, "an admission plugin failed");
        using var log = new Causes();
        await using var server = await TestServer.StartAsync(parts => parts with
        {
            Log = log,
            Authenticate = (_, _) => throw (hasCause ? new ApiException(status, new InvalidOperationException("the rules are lost")) : new ApiException(status)),
        });

        var answer = await server.SendAsync("GET", "/version");

        Assert.Equal(code, answer.Code);
        Assert.Contains("an admission plugin failed", answer.Text, StringComparison.Ordinal);
        Assert.Equal(logged, log.All.SingleOrDefault());
    }

    /// <summary>Keeps the innermost causes of what is logged.</summary>
    private sealed class Causes : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<string> All { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel) && exception is not null)
            {
                All.Enqueue(exception.GetBaseException().Message);
            }
        }

        public void Dispose()
        {
            // It holds nothing.
        }
    }
}
