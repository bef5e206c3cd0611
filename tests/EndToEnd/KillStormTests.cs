namespace Modular.EndToEnd;

/// <summary>The short form of the kill storm; bench/KillStorm has the long one.</summary>
public sealed class KillStormTests
{
    [Fact]
    public async Task Nothing_acknowledged_is_lost_or_doubled()
    {
        var storm = new KillStorm(kills: 5, seed: 20261123, TestContext.Current.SendDiagnosticMessage);
        Assert.Empty(await storm.RunAsync(TestContext.Current.CancellationToken));
    }
}
