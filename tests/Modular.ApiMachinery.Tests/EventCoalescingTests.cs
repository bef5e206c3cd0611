using System.Text;

namespace Modular.ApiMachinery.Tests;

public sealed class EventCoalescingTests
{
    private static readonly GroupVersionKind Kind = new("", "v1", "Pod");

    [Fact]
    public void An_object_goes_before_the_one_that_has_its_name_since_the_same_revision()
    {
        // So many that a sort which keeps no order among equals shows.
        var events = new List<WatchEvent>();
        for (var number = 0; number < 200; number++)
        {
            events.Add(new WatchEvent(WatchEventType.Deleted, Pod($"p{number}", "first")));
            events.Add(new WatchEvent(WatchEventType.Added, Pod($"p{number}", "second")));
        }

        var known = new Dictionary<string, string>();
        foreach (var change in EventCoalescing.Coalesce(events))
        {
            if (change.Type == WatchEventType.Deleted)
            {
                known.Remove(change.Object.Metadata.Name);
            }
            else
            {
                known[change.Object.Metadata.Name] = change.Object.Metadata.Uid;
            }
        }

        Assert.Equal(200, known.Count);
        Assert.All(known.Values, uid => Assert.Equal("second", uid));
    }

    private static ApiObject Pod(string name, string uid) =>
        new(Kind, Encoding.UTF8.GetBytes($$$"""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{name}}}","namespace":"default","uid":"{{{uid}}}"}}"""), 7);
}
