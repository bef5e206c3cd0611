using System.Collections;
using System.Text.Json.Nodes;

namespace Modular.ApiServer.Tests;

public sealed class WatchTests
{
    private const string Path = "/apis/example.com/v1/widgets?watch=true";

    [Fact]
    public async Task Each_event_is_a_line_and_arrives_at_once()
    {
        await using var server = await TestServer.StartAsync();
        using var lines = await OpenAsync(server, Path);
        server.Pipeline.Watch.Send(new(WatchEventType.Added, Widgets.Make("a", 5)), new(WatchEventType.Modified, Widgets.Make("a", 6)));
        Assert.Equal(("ADDED", "5"), Read(await lines.ReadLineAsync(TestServer.Cancel)));
        Assert.Equal(("MODIFIED", "6"), Read(await lines.ReadLineAsync(TestServer.Cancel)));
        server.Pipeline.Watch.Send(new WatchEvent(WatchEventType.Deleted, Widgets.Make("a", 5).At(7)));
        Assert.Equal(("DELETED", "7"), Read(await lines.ReadLineAsync(TestServer.Cancel)));
        server.Pipeline.Watch.End();
        Assert.Null(await lines.ReadLineAsync(TestServer.Cancel));
        await server.Pipeline.Watch.Disposed.Task.WaitAsync(TestServer.Cancel);
    }

    [Fact]
    public async Task A_large_batch_is_sent_in_parts()
    {
        await using var server = await TestServer.StartAsync();
        using var lines = await OpenAsync(server, Path);
        using var batch = new BatchThatEndsLater(2000);
        server.Pipeline.Watch.Send(batch);
        Assert.Equal(("ADDED", "5"), Read(await lines.ReadLineAsync(TestServer.Cancel)));
        batch.End();
        for (var i = 1; i < batch.Count; i++)
        {
            Assert.NotNull(await lines.ReadLineAsync(TestServer.Cancel));
        }

        Assert.True(batch.EndedInTime, "the first event came only with the last");
    }

    [Fact]
    public async Task A_failure_on_the_way_is_an_error_event()
    {
        await using var server = await TestServer.StartAsync();
        using var lines = await OpenAsync(server, Path);
        server.Pipeline.Watch.End(new ApiException(StatusReason.Expired, "too old resource version"));
        var line = JsonNode.Parse((await lines.ReadLineAsync(TestServer.Cancel))!)!.AsObject();
        Assert.Equal(("ERROR", "Expired", 410L), (line.GetString("type"), line.GetString("object.reason"), line.GetInt64("object.code")));
        Assert.Null(await lines.ReadLineAsync(TestServer.Cancel));
    }

    [Fact]
    public async Task A_watch_that_cannot_begin_is_a_status()
    {
        await using var server = await TestServer.StartAsync();
        server.Pipeline.Failure = new ApiException(StatusReason.Expired, "too old resource version: 1 (5)");
        var answer = await server.SendAsync("GET", Path);
        Assert.Equal((410, "Expired"), (answer.Code, answer["reason"]));
    }

    [Fact]
    public async Task Time_out_ends_the_stream_cleanly()
    {
        await using var server = await TestServer.StartAsync();
        using var lines = await OpenAsync(server, Path + "&timeoutSeconds=20");
        server.Pipeline.Watch.Send(new WatchEvent(WatchEventType.Added, Widgets.Make("a", 5)));
        Assert.NotNull(await lines.ReadLineAsync(TestServer.Cancel));
        server.Time.Advance(TimeSpan.FromSeconds(21));
        Assert.Null(await lines.ReadLineAsync(TestServer.Cancel));
        await server.Pipeline.Watch.Disposed.Task.WaitAsync(TestServer.Cancel);
    }

    [Fact]
    public async Task A_client_that_leaves_ends_its_session()
    {
        await using var server = await TestServer.StartAsync();
        using (await OpenAsync(server, Path))
        {
        }

        await server.Pipeline.Watch.Disposed.Task.WaitAsync(TestServer.Cancel);
    }

    [Fact]
    public async Task A_table_watch_describes_its_columns_once()
    {
        await using var server = await TestServer.StartAsync();
        using var lines = await OpenAsync(server, Path, "application/json;as=Table;v=v1;g=meta.k8s.io");
        server.Pipeline.Watch.Send(new(WatchEventType.Added, Widgets.Make("a", 5)), new(WatchEventType.Modified, Widgets.Make("a", 6)));
        var first = JsonNode.Parse((await lines.ReadLineAsync(TestServer.Cancel))!)!["object"]!;
        var second = JsonNode.Parse((await lines.ReadLineAsync(TestServer.Cancel))!)!["object"]!;
        Assert.Equal("Table", first["kind"]!.GetValue<string>());
        Assert.Equal((4, 0), (first["columnDefinitions"]!.AsArray().Count, second["columnDefinitions"]!.AsArray().Count));
        Assert.Equal("a", second["rows"]![0]!["cells"]![0]!.GetValue<string>());
    }

    [Theory]
    [InlineData("/apis/example.com/v1/watch/namespaces/default/widgets", "")]
    [InlineData("/apis/example.com/v1/namespaces/default/widgets/a?watch=1&fieldSelector=metadata.namespace%3Ddefault", "metadata.name=a,metadata.namespace=default")]
    public async Task The_old_ways_to_watch_are_watches(string path, string fieldSelector)
    {
        await using var server = await TestServer.StartAsync();
        server.Pipeline.Watch.End();
        Assert.Equal("", (await server.SendAsync("GET", path)).Text);
        Assert.Equal(("watch", "default", ""), (server.Pipeline.Request!.Verb, server.Pipeline.Request.Namespace, server.Pipeline.Request.Name));
        Assert.Equal(fieldSelector, server.Pipeline.ListOptions!.FieldSelector);
    }

    private static async Task<StreamReader> OpenAsync(TestServer server, string path, string? accept = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        var response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestServer.Cancel);
        return new StreamReader(await response.Content.ReadAsStreamAsync(TestServer.Cancel));
    }

    /// <summary>Holds its last event back until it is told that the first one has arrived.</summary>
    private sealed class BatchThatEndsLater(int count) : IReadOnlyList<WatchEvent>, IDisposable
    {
        private readonly ManualResetEventSlim _ended = new();
        private readonly WatchEvent _event = new(WatchEventType.Added, Widgets.Make("a", 5));

        public int Count => count;

        public bool EndedInTime { get; private set; } = true;

        public WatchEvent this[int index]
        {
            get
            {
                EndedInTime &= index < count - 1 || _ended.Wait(TimeSpan.FromMinutes(2));
                return _event;
            }
        }

        public void End() => _ended.Set();

        public IEnumerator<WatchEvent> GetEnumerator() => Enumerable.Range(0, count).Select(i => this[i]).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public void Dispose() => _ended.Dispose();
    }

    private static (string?, string?) Read(string? line)
    {
        var json = JsonNode.Parse(line!)!.AsObject();
        return (json.GetString("type"), json.GetString("object.metadata.resourceVersion"));
    }
}
