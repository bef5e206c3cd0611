using Microsoft.Extensions.Time.Testing;

namespace Modular.Toolkit.Tests;

public sealed class WorkQueueTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task AKeyWaitsOnce()
    {
        using var queue = new WorkQueue<string>(_time);
        queue.Add("a");
        queue.Add("a");
        queue.Add("b");

        Assert.Equal(2, queue.Count);
        Assert.Equal("a", await Take(queue));
        Assert.Equal("b", await Take(queue));
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public async Task AKeyInWorkIsNotHandedOutAgainBeforeItIsDone()
    {
        using var queue = new WorkQueue<string>(_time);
        queue.Add("a");
        Assert.Equal("a", await Take(queue));
        queue.Add("a");
        var next = queue.TakeAsync(TestContext.Current.CancellationToken).AsTask();
        Assert.False(next.IsCompleted);

        queue.Done("a");
        Assert.Equal("a", await next);
    }

    [Fact]
    public async Task DelayedKeysComeWhenTheyAreDueAndOnce()
    {
        using var queue = new WorkQueue<string>(_time);
        queue.AddAfter("late", TimeSpan.FromSeconds(9));
        queue.AddAfter("soon", TimeSpan.FromSeconds(3));
        queue.AddAfter("late", TimeSpan.FromSeconds(5));
        var first = queue.TakeAsync(TestContext.Current.CancellationToken).AsTask();
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.False(first.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("soon", await first);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("late", await Take(queue));
        queue.Done("late");
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public void FailuresDoubleTheDelayUntilForgotten()
    {
        var backOff = new BackOff<string>(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5));
        Assert.Equal([1.0, 2, 4, 5, 5], Enumerable.Range(0, 5).Select(_ => backOff.Next("a").TotalSeconds));
        Assert.Equal(1, backOff.Next("b").TotalSeconds);
        backOff.Forget("a");
        Assert.Equal(1, backOff.Next("a").TotalSeconds);
        Assert.Equal(TimeSpan.FromMinutes(5), BackOffDelay.After(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5), 5000));
    }

    [Fact]
    public async Task ACancelledTakerLosesNoKey()
    {
        using var queue = new WorkQueue<string>(_time);
        using var impatient = new CancellationTokenSource();
        var given = queue.TakeAsync(impatient.Token).AsTask();
        await impatient.CancelAsync();
        queue.Add("a");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        Assert.Equal("a", await Take(queue));
    }

    [Fact]
    public async Task ClosingWakesTakers()
    {
        var queue = new WorkQueue<string>(_time);
        var taker = queue.TakeAsync(TestContext.Current.CancellationToken).AsTask();
        queue.Dispose();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => taker);
    }

    [Fact]
    public async Task ManyWorkersNeverHoldOneKeyTwice()
    {
        using var queue = new WorkQueue<int>(TimeProvider.System);
        var inWork = new int[8];
        var handled = 0;
        using var stop = new CancellationTokenSource();
        var workers = Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
        {
            while (true)
            {
                var key = await queue.TakeAsync(stop.Token);
                Assert.Equal(1, Interlocked.Increment(ref inWork[key]));
                await Task.Yield();
                Interlocked.Decrement(ref inWork[key]);
                Interlocked.Increment(ref handled);
                queue.Done(key);
            }
        })).ToArray();
        var random = new Random(5);
        for (var i = 0; i < 20_000; i++)
        {
            queue.Add(random.Next(inWork.Length));
        }

        while (queue.Count > 0)
        {
            await Task.Yield();
        }

        await stop.CancelAsync();
        foreach (var worker in workers)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => worker);
        }

        Assert.True(handled >= inWork.Length);
    }

    private static async Task<string> Take(WorkQueue<string> queue) => await queue.TakeAsync(TestContext.Current.CancellationToken);
}
