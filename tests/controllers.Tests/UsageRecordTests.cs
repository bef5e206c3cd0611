using Modular.Plugins.Controllers.ResourceQuotas;

namespace Modular.Plugins.Controllers.Tests;

/// <summary>A count of what is stored takes nothing back of what admission has charged a moment ago.</summary>
public sealed class UsageRecordTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly UsageRecord _record = new(TimeSpan.FromSeconds(3));

    [Fact]
    public void AChargeStaysUntilItsWriteIsOver()
    {
        Wrote(4, 1);
        Observe(5, seconds: 0);
        Assert.Equal(5, Settle(4));
        Observe(5, seconds: 2);
        Assert.Equal(5, Settle(4));
        Observe(5, seconds: 3);
        Assert.Equal(4, Settle(4));
    }

    [Fact]
    public void WhatIsDeletedIsGivenBackBesidesWhatIsCharged()
    {
        Wrote(10, 1);
        Observe(12, seconds: 0);
        Assert.Equal(5, Settle(3));
        Wrote(5, 2);
        Assert.Equal(2, _record.WrittenAt);
        Observe(5, seconds: 3);
        Assert.Equal(3, Settle(3));
    }

    [Fact]
    public void WhatIsCountedIsNeverLeftOut()
    {
        Assert.Equal(7, Settle(7));
        Wrote(7, 1);
        Assert.Equal(9, Settle(9));
    }

    private void Wrote(long used, long revision) => _record.Wrote(Amounts(used), revision);

    private void Observe(long used, int seconds) => _record.Observe(Amounts(used), Start.AddSeconds(seconds));

    private long Settle(long counted) => _record.Settle("pods", Quantity.From(counted)).ToLong();

    private static Dictionary<string, Quantity> Amounts(long used) => new() { ["pods"] = Quantity.From(used) };
}
