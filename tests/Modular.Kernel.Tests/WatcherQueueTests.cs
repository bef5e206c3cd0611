namespace Modular.Kernel.Tests;

public sealed class WatcherQueueTests
{
    private const int MoreThanFits = 20_000;

    private static readonly ObjectSelector Everything = ObjectSelector.Parse(Kinds.Widget(), "", "", "");

    [Fact]
    public async Task A_slow_client_is_ended()
    {
        var watcher = new Watcher(Everything, wantsBookmarks: false, endsWhenSlow: true);

        for (var i = 1; i <= MoreThanFits; i++)
        {
            watcher.Offer(new WatchEvent(WatchEventType.Modified, Widget("a", i)));
        }

        Assert.Null(await watcher.TakeAsync());
    }

    [Fact]
    public async Task A_slow_informer_gets_the_joined_changes()
    {
        var watcher = new Watcher(Everything, wantsBookmarks: false, endsWhenSlow: false);
        watcher.Offer(new WatchEvent(WatchEventType.Added, Widget("new", 1)));
        watcher.Offer(new WatchEvent(WatchEventType.Deleted, Widget("replaced", 2)));
        watcher.Offer(new WatchEvent(WatchEventType.Added, Widget("replaced", 3)));
        watcher.Offer(new WatchEvent(WatchEventType.Added, Widget("short", 4)));
        watcher.Offer(new WatchEvent(WatchEventType.Deleted, Widget("short", 5)));
        watcher.Offer(new WatchEvent(WatchEventType.Deleted, Widget("gone", 6)));
        for (var i = 7; i <= MoreThanFits; i++)
        {
            watcher.Offer(new WatchEvent(WatchEventType.Modified, Widget("busy", i)));
        }

        var events = await watcher.TakeAsync();

        var summary = events!.Select(e => $"{e.Type} {e.Object.Metadata.Name}").Distinct().ToList();
        Assert.Equal(["Added new", "Deleted replaced", "Added replaced", "Deleted gone", "Modified busy"], summary);
        Assert.Equal(MoreThanFits, events![^1].Object.Revision);
    }

    private static ApiObject Widget(string name, long revision) => new(
        Kinds.Widget().Kind,
        System.Text.Encoding.UTF8.GetBytes($$$"""{"apiVersion":"test.dev/v1","kind":"Widget","metadata":{"name":"{{{name}}}"}}"""),
        revision);
}
