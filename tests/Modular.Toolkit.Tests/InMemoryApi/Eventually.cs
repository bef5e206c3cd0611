namespace Modular.Testing;

/// <summary>Waits for what background loops are about to do; a test that waits in vain fails by its time limit.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static Task Holds(Func<bool> condition, string what) => Holds(() => Task.FromResult(condition()), what);

    public static async Task Holds(Func<Task<bool>> condition, string what)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(since) < Patience, $"did not come true: {what}");
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }
}
