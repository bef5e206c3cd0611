using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Modular.Plugins.StoreEmbedded.Log;

namespace Modular.Plugins.StoreEmbedded.Tests;

public sealed class PluginTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("modular-store-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task It_provides_a_store_whose_data_survives_it()
    {
        await using (var first = new StoreEmbeddedPlugin())
        {
            var context = new Context(_directory);
            await first.ProvisionAsync(context, TestContext.Current.CancellationToken);
            var commit = new CommitRequest { Operations = [OpenedStore.Set("a", "1"), OpenedStore.Set("b", "2")] };
            Assert.Equal(1, (await context.Store!.CommitAsync(commit, TestContext.Current.CancellationToken)).Revision);
            await first.StopAsync(StopReason.Shutdown, TestContext.Current.CancellationToken);
            await first.DisposeAsync();
        }

        await using var second = new StoreEmbeddedPlugin();
        var again = new Context(_directory);
        await second.ProvisionAsync(again, TestContext.Current.CancellationToken);
        var range = await again.Store!.RangeAsync(new RangeRequest { From = "a", To = "c" }, TestContext.Current.CancellationToken);
        Assert.Equal(["a", "b"], range.Entries.Select(e => e.Key));
        var status = await again.Store.GetStatusAsync(TestContext.Current.CancellationToken);
        Assert.Equal(new DirectoryInfo(_directory).GetFiles("log-*").Sum(f => f.Length), status.Bytes);
    }

    [Fact]
    public async Task A_directory_in_use_is_refused_until_it_is_free()
    {
        var first = new StoreEmbeddedPlugin();
        await first.ProvisionAsync(new Context(_directory), TestContext.Current.CancellationToken);
        await using (var second = new StoreEmbeddedPlugin())
        {
            var error = await Assert.ThrowsAsync<InvalidOperationException>(
                async () => await second.ProvisionAsync(new Context(_directory), TestContext.Current.CancellationToken));
            Assert.Contains($"{_directory} is in use by process {Environment.ProcessId}", error.Message, StringComparison.Ordinal);
        }

        await first.DisposeAsync();
        await using var third = new StoreEmbeddedPlugin();
        await third.ProvisionAsync(new Context(_directory), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_damaged_log_is_refused_and_the_directory_left_free()
    {
        await File.WriteAllBytesAsync(Path.Combine(_directory, SegmentName.OfLog(1)), new byte[100], TestContext.Current.CancellationToken);
        await using (var plugin = new StoreEmbeddedPlugin())
        {
            await Assert.ThrowsAsync<CorruptLogException>(
                async () => await plugin.ProvisionAsync(new Context(_directory), TestContext.Current.CancellationToken));
        }

        Files.DirectoryLock.Take(_directory).Dispose();
    }

    [Theory]
    [InlineData("""{"segmentBytes": 5}""", "configuration.segmentBytes is 5; use a whole number from 1048576 to 1073741824")]
    [InlineData("""{"historyMinutes": "x"}""", "configuration.historyMinutes is x")]
    [InlineData("""{"sgmentBytes": 5}""", "configuration.sgmentBytes is unknown; known are segmentBytes")]
    [InlineData("""{"segmentBytes": 1048576}""", "configuration.maxValueBytes is 4194304; use at most half of segmentBytes")]
    public async Task Wrong_configuration_is_named(string json, string message)
    {
        await using var plugin = new StoreEmbeddedPlugin();
        var error = await Assert.ThrowsAsync<ArgumentException>(
            async () => await plugin.ProvisionAsync(new Context(_directory, json), TestContext.Current.CancellationToken));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Configuration_is_read()
    {
        using var json = JsonDocument.Parse("""{"segmentBytes": 8388608, "maxValueBytes": 2000, "historyRevisions": 500, "historyMinutes": 3}""");

        var settings = StoreSettings.Read(json.RootElement);

        Assert.Equal((8388608L, 2000, 500L, 3), (settings.SegmentBytes, settings.MaxValueBytes, settings.HistoryRevisions, settings.HistoryMinutes));
        Assert.Equal(new StoreSettings().SnapshotBytes, settings.SnapshotBytes);
    }

    private sealed class Context(string directory, string configuration = "{}") : IPluginContext
    {
        public IObjectStore? Store { get; private set; }

        public PluginIdentity Self { get; } = new("store", "store-embedded", "0.1.0", 1);

        public JsonElement Configuration { get; } = JsonElement.Parse(configuration);

        public ILoggerFactory Log => NullLoggerFactory.Instance;

        public TimeProvider Time => TimeProvider.System;

        public Meter Meter { get; } = new("test");

        public string DataDirectory => directory;

        public string StateDirectory => directory;

        public IApiClient Api => throw new NotSupportedException();

        public IListeners Listeners => throw new NotSupportedException();

        public HostInformation Host => throw new NotSupportedException();

        public void Provide<T>(T implementation)
            where T : class => Store = Assert.IsType<IObjectStore>(implementation, exactMatch: false);

        public ContractHandle<T> Require<T>()
            where T : class => throw new NotSupportedException();

        public CandidateHandle<T> RequireCandidates<T>()
            where T : class => throw new NotSupportedException();

        public void SetReady(bool ready, string reason = "", string message = "")
        {
        }

        public void Renew() => throw new NotSupportedException();

        public void Fatal(string reason) => Assert.Fail(reason);
    }
}
