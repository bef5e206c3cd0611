using Microsoft.Extensions.Time.Testing;

namespace Modular.ApiServer.Tests;

public sealed class WatchPaceTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Two_hundred_events_a_second_are_sent_one_by_one()
    {
        var pace = new WatchPace(_time);
        for (var i = 0; i < 1000; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(5));
            Assert.False(pace.Sent(1));
        }
    }

    [Fact]
    public void A_few_at_once_are_no_reason_to_wait()
    {
        var pace = new WatchPace(_time);
        for (var i = 0; i < 10; i++)
        {
            Assert.False(pace.Sent(1));
        }

        Assert.True(pace.Sent(1));
    }

    [Fact]
    public void A_stream_that_is_busy_stays_so_while_its_events_share_sendings_and_no_longer()
    {
        var pace = new WatchPace(_time);
        Assert.True(pace.Sent(5000));
        for (var i = 0; i < 100; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(20));
            Assert.True(pace.Sent(16));
        }

        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.False(pace.Sent(1));
    }
}
