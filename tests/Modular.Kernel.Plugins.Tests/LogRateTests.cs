using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Modular.Kernel.Plugins.Tests;

public sealed class LogRateTests
{
    [Fact]
    public void Lines_beyond_the_rate_are_dropped_and_counted_once()
    {
        var time = new FakeTimeProvider();
        var lines = new Lines();
        using var factory = new PluginLoggerFactory(lines, "p", new LineRate(3, time));
        var (first, second) = (factory.CreateLogger("a"), factory.CreateLogger("b"));
        for (var i = 0; i < 5; i++)
        {
            Write(i % 2 == 0 ? first : second, $"{i}");
        }

        time.Advance(TimeSpan.FromSeconds(1));
        Write(first, "later");
        time.Advance(TimeSpan.FromSeconds(1));
        Write(second, "last");

        Assert.Equal(
            ["plugin.p.a 0", "plugin.p.b 1", "plugin.p.a 2", "plugin.p.a 2 lines were too many in a second and are lost", "plugin.p.a later", "plugin.p.b last"], lines.All);
    }

    private static void Write(ILogger log, string text) => log.Log(LogLevel.Information, default, text, null, (state, _) => state);

    private sealed class Lines : ILoggerFactory
    {
        public List<string> All { get; } = [];

        public ILogger CreateLogger(string categoryName) => new Line(categoryName, All);

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }

    private sealed class Line(string category, List<string> all) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            all.Add($"{category} {formatter(state, exception)}");
    }
}
