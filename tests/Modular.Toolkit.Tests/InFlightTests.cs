using Modular.Toolkit;

namespace Modular.Toolkit.Tests;

public sealed class InFlightTests
{
    private readonly InFlight _calls = new();

    [Fact]
    public void WithNothingThereIsNothingToWaitFor() => Assert.True(_calls.WhenNoneAsync().IsCompletedSuccessfully);

    [Fact]
    public void TheLastToEndLetsAllWaitersGoOnce()
    {
        var first = _calls.Begin();
        var second = _calls.Begin();
        var none = _calls.WhenNoneAsync();
        Assert.Same(none, _calls.WhenNoneAsync());
        first.Dispose();
        first.Dispose();
        Assert.False(none.IsCompleted);
        second.Dispose();
        Assert.True(none.IsCompletedSuccessfully);

        using var third = _calls.Begin();
        Assert.False(_calls.WhenNoneAsync().IsCompleted);
    }
}
