using System.IO.Pipelines;
using System.Net;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Modular.Abstractions;
using Modular.ApiMachinery;

namespace Modular.Toolkit.Tests.Remote;

public sealed class RemoteInformerTests : IDisposable
{
    private const string Expired = """{"kind":"Status","apiVersion":"v1","status":"Failure","message":"too old","reason":"Expired","code":410}""";
    private static readonly GroupVersionResource Pods = new("", "v1", "pods");

    private readonly ScriptedServer _server = new();
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _server.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task When_its_place_is_forgotten_the_difference_is_told(bool withinTheStream)
    {
        _server.Answer(HttpStatusCode.OK, List(9, Pod("stays", 1), Pod("changes", 2), Pod("goes", 3), Pod("replaced", 4)));
        var before = _server.Stream();
        if (withinTheStream)
        {
            await before.WriteAsync(Encoding.UTF8.GetBytes($"{{\"type\":\"ERROR\",\"object\":{Expired}}}\n"), Token);
        }
        else
        {
            _server.Answer(HttpStatusCode.Gone, Expired);
        }

        await before.CompleteAsync();
        _server.Answer(HttpStatusCode.OK, List(20, Pod("stays", 1), Pod("changes", 12), Pod("replaced", 14, "another"), Pod("new", 15)));
        var after = _server.Stream();
        await using var informer = await OpenAsync();
        var events = informer.ReadEventsAsync(Token).GetAsyncEnumerator(Token);
        Assert.Equal(["Added stays 1", "Added changes 2", "Added goes 3", "Added replaced 4", "Bookmark  9"], await TakeAsync(events, 5));
        var difference = TakeAsync(events, 5);
        await AdvanceUntilAsync(() => difference.IsCompleted);
        Assert.Equal(["Deleted goes 20", "Modified changes 12", "Deleted replaced 14", "Added replaced 14", "Added new 15"], await difference);
        await AdvanceUntilAsync(() => _server.Requests[^1].EndsWith("resourceVersion=20", StringComparison.Ordinal));
        Assert.Equal(["changes", "new", "replaced", "stays"], informer.List().Select(obj => obj.Metadata.Name).Order());
        await after.CompleteAsync();
    }

    [Fact]
    public async Task A_server_that_went_back_in_time_is_listed_again()
    {
        const string Future = """{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Timeout","code":504,"details":{"causes":[{"reason":"ResourceVersionTooLarge"}]}}""";
        _server.Answer(HttpStatusCode.OK, List(900, Pod("kept", 2), Pod("lost", 800), Pod("other", 5, "of then")));
        await _server.Stream().CompleteAsync();
        _server.Answer(HttpStatusCode.GatewayTimeout, Future);
        _server.Answer(HttpStatusCode.OK, List(6, Pod("kept", 2), Pod("other", 5, "of now")));
        _server.Stream();
        await using var informer = await OpenAsync();
        var events = informer.ReadEventsAsync(Token).GetAsyncEnumerator(Token);
        await TakeAsync(events, 4);
        var difference = TakeAsync(events, 3);
        await AdvanceUntilAsync(() => difference.IsCompleted);
        Assert.Equal(["Deleted lost 6", "Deleted other 5", "Added other 5"], await difference);
        await AdvanceUntilAsync(() => _server.Requests[^1].EndsWith("resourceVersion=6", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_place_that_is_forgotten_before_the_watch_began_is_no_ones_concern()
    {
        _server.Answer(HttpStatusCode.OK, List(1, Pod("old", 1)));
        _server.Answer(HttpStatusCode.Gone, Expired);
        _server.Answer(HttpStatusCode.OK, List(7, Pod("new", 7)));
        _server.Stream();
        await using var informer = await OpenAsync();
        Assert.Equal(["Added new 7", "Bookmark  7"], await TakeAsync(informer.ReadEventsAsync(Token).GetAsyncEnumerator(Token), 2));
    }

    [Fact]
    public async Task An_answer_that_did_not_come_in_time_does_not_end_it()
    {
        _server.Answer(HttpStatusCode.OK, List(5));
        await _server.Stream().CompleteAsync();
        _server.Fail(new TaskCanceledException("the client's patience", new TimeoutException()));
        var stream = _server.Stream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(Event("ADDED", Pod("a", 6))), Token);
        await using var informer = await OpenAsync();
        await AdvanceUntilAsync(() => informer.Get("default", "a") is not null);
    }

    [Fact]
    public async Task A_connection_that_is_silent_for_long_is_replaced()
    {
        _server.Answer(HttpStatusCode.OK, List(5));
        _server.Stream();
        var next = _server.Stream();
        await next.WriteAsync(Encoding.UTF8.GetBytes(Event("ADDED", Pod("a", 6))), Token);
        await using var informer = await OpenAsync();
        await AdvanceUntilAsync(() => informer.Get("default", "a") is not null, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task What_nobody_foresaw_is_told_the_reader_instead_of_leaving_it_behind()
    {
        _server.Answer(HttpStatusCode.OK, List(5));
        await _server.Stream().CompleteAsync();
        _server.Fail(new ObjectDisposedException("the client"));
        await using var informer = await OpenAsync();
        var events = informer.ReadEventsAsync(Token).GetAsyncEnumerator(Token);
        await TakeAsync(events, 1);
        var next = TakeAsync(events, 1);
        await AdvanceUntilAsync(() => next.IsCompleted);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => next);
    }

    [Fact]
    public async Task A_stream_may_come_in_any_pieces_and_goes_on_where_it_ended()
    {
        _server.Answer(HttpStatusCode.OK, List(5));
        var stream = _server.Stream();
        await using var informer = await OpenAsync();
        var events = informer.ReadEventsAsync(Token).GetAsyncEnumerator(Token);
        Assert.Equal(["Bookmark  5"], await TakeAsync(events, 1));
        var text = Event("ADDED", Pod("ä", 6)) + "\n" + Event("MODIFIED", Pod("ä", 7)) + Event("BOOKMARK", Pod("", 30));
        foreach (var single in Encoding.UTF8.GetBytes(text))
        {
            await stream.WriteAsync(new[] { single }, Token);
        }

        // Half an event is none.
        await stream.WriteAsync(Encoding.UTF8.GetBytes(Event("DELETED", Pod("ä", 31))[..20]), Token);
        Assert.Equal(["Added ä 6", "Modified ä 7"], await TakeAsync(events, 2));
        var next = _server.Stream();
        await stream.CompleteAsync();
        await AdvanceUntilAsync(() => _server.Requests.Count == 3);
        Assert.EndsWith("resourceVersion=30", _server.Requests[^1], StringComparison.Ordinal);
        await next.WriteAsync(Encoding.UTF8.GetBytes(Event("MODIFIED", Pod("ä", 7)) + Event("DELETED", Pod("ä", 31))), Token);
        Assert.Equal(["Deleted ä 31"], await TakeAsync(events, 1));
        Assert.Null(informer.Get("default", "ä"));
        await next.CompleteAsync();
    }

    [Fact]
    public async Task A_reader_that_falls_behind_is_told_where_things_ended()
    {
        _server.Answer(HttpStatusCode.OK, List(1, Pod("known", 1)));
        var stream = _server.Stream();
        await using var informer = await OpenAsync();
        var events = informer.ReadEventsAsync(Token).GetAsyncEnumerator(Token);
        await TakeAsync(events, 2);
        for (var revision = 2; revision < 20_000; revision++)
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(Event("MODIFIED", Pod("known", revision))), Token);
        }

        await stream.WriteAsync(Encoding.UTF8.GetBytes(Event("ADDED", Pod("last", 20_000))), Token);
        await UntilAsync(() => informer.Get("default", "last") is not null);
        var read = 0;
        var latest = 1L;
        while (await events.MoveNextAsync() && events.Current.Object.Metadata.Name != "last")
        {
            Assert.InRange(events.Current.Object.Revision, latest + 1, 19_999);
            latest = events.Current.Object.Revision;
            read++;
        }

        Assert.Equal(19_999, latest);
        Assert.InRange(read, 1, 5000);
        await stream.CompleteAsync();
    }

    [Theory]
    [InlineData("list")]
    [InlineData("watch")]
    public async Task Who_may_not_look_is_told_at_once(string verb)
    {
        if (verb == "watch")
        {
            _server.Answer(HttpStatusCode.OK, List(1));
        }

        _server.Answer(HttpStatusCode.Forbidden, """{"kind":"Status","apiVersion":"v1","status":"Failure","message":"no","reason":"Forbidden","code":403}""");
        Assert.Equal(StatusReason.Forbidden, (await Assert.ThrowsAsync<ApiException>(async () => await OpenAsync())).Reason);
    }

    [Fact]
    public async Task Calls_wait_for_a_server_that_is_away_but_not_for_ever()
    {
        var client = new RemoteApiClient(_server.Client, _time);
        _server.Fail(HttpRequestError.ConnectionError);
        _server.Answer(HttpStatusCode.ServiceUnavailable, "starting");
        _server.Answer(HttpStatusCode.OK, Pod("a", 1));
        var call = client.GetAsync(new ResourceName(Pods, "default", "a"), Token).AsTask();
        await AdvanceUntilAsync(() => call.IsCompleted);
        Assert.Equal("a", (await call).Metadata.Name);

        for (var attempt = 0; attempt < 100; attempt++)
        {
            _server.Fail(HttpRequestError.ConnectionError);
        }

        call = client.GetAsync(new ResourceName(Pods, "default", "a"), Token).AsTask();
        await AdvanceUntilAsync(() => call.IsCompleted);
        Assert.Equal(StatusReason.ServiceUnavailable, (await Assert.ThrowsAsync<ApiException>(() => call)).Reason);
    }

    [Theory]
    [InlineData(true, StatusReason.Timeout)]
    [InlineData(false, StatusReason.ServiceUnavailable)]
    public async Task A_write_that_may_have_been_carried_out_is_not_made_again(bool late, StatusReason reason)
    {
        var client = new RemoteApiClient(_server.Client, _time);
        _server.Fail(late ? new TaskCanceledException("the client's patience", new TimeoutException()) : new HttpRequestException(HttpRequestError.ResponseEnded, "no luck"));
        var failure = await Assert.ThrowsAsync<ApiException>(async () => await client.DeleteAsync(new ResourceName(Pods, "default", "a"), new DeleteOptions(), Token));
        Assert.Equal(reason, failure.Reason);
        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task An_answer_in_another_language_is_a_failure_with_its_code()
    {
        var client = new RemoteApiClient(_server.Client, _time);
        _server.Answer(HttpStatusCode.BadGateway, "<html>a proxy's page</html>");
        var failure = await Assert.ThrowsAsync<ApiException>(async () => await client.GetAsync(new ResourceName(Pods, "default", "a"), Token));
        Assert.Equal((StatusReason.InternalError, 502), (failure.Reason, failure.Status.Code));
    }

    private async Task<IInformer> OpenAsync() => await new RemoteApiClient(_server.Client, _time).OpenInformerAsync(new ResourceScope(Pods), Token);

    private async Task AdvanceUntilAsync(Func<bool> condition, TimeSpan? step = null)
    {
        while (!condition())
        {
            _time.Advance(step ?? TimeSpan.FromMilliseconds(100));
            await Task.Delay(1, Token);
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(1, Token);
        }
    }

    private static async Task<List<string>> TakeAsync(IAsyncEnumerator<WatchEvent> events, int count)
    {
        var taken = new List<string>();
        while (taken.Count < count && await events.MoveNextAsync())
        {
            taken.Add($"{events.Current.Type} {events.Current.Object.Metadata.Name} {events.Current.Object.Revision}");
        }

        return taken;
    }

    private static string List(long revision, params string[] items) =>
        $$"""{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"{{revision}}"},"items":[{{string.Join(',', items)}}]}""";

    private static string Pod(string name, long revision, string uid = "first") =>
        $$$"""{"kind":"Pod","apiVersion":"v1","metadata":{"name":"{{{name}}}","namespace":"default","uid":"{{{uid}}}","resourceVersion":"{{{revision}}}"}}""";

    private static string Event(string type, string obj) => $$"""{"type":"{{type}}","object":{{obj}}}""" + "\n";
}
