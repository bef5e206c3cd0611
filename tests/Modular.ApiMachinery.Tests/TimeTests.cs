namespace Modular.ApiMachinery.Tests;

public sealed class TimeTests
{
    [Theory]
    [InlineData("2026-11-23T08:09:10Z", "2026-11-23T08:09:10.000000Z")]
    [InlineData("2026-11-23T08:09:10.123456789Z", "2026-11-23T08:09:10.123456Z")]
    [InlineData("2026-11-23T08:09:10.5+02:00", "2026-11-23T06:09:10.500000Z")]
    [InlineData("2026-11-23T08:09:10-00:30", "2026-11-23T08:39:10.000000Z")]
    public void ReadsAndWrites(string text, string micro)
    {
        Assert.True(KubernetesTime.TryParse(text, out var time));
        Assert.Equal(micro, KubernetesTime.FormatMicro(time));
        Assert.Equal(micro[..19] + "Z", KubernetesTime.Format(time));
    }

    [Theory]
    [InlineData("")]
    [InlineData("2026-11-23")]
    [InlineData("2026-11-23T08:09:10")]
    [InlineData("2026-11-23T08:09:10.123456")]
    [InlineData("2026-11-23 08:09:10Z")]
    [InlineData("2026-13-23T08:09:10Z")]
    [InlineData("today")]
    public void RefusesOtherForms(string text) => Assert.False(KubernetesTime.TryParse(text, out _));

    [Theory]
    [InlineData(-5, "<invalid>")]
    [InlineData(-1, "0s")]
    [InlineData(0, "0s")]
    [InlineData(119, "119s")]
    [InlineData(120, "2m")]
    [InlineData(123, "2m3s")]
    [InlineData(599, "9m59s")]
    [InlineData(601, "10m")]
    [InlineData(179 * 60, "179m")]
    [InlineData((3 * 60 + 4) * 60, "3h4m")]
    [InlineData(3 * 3600, "3h")]
    [InlineData(8 * 3600 + 60, "8h")]
    [InlineData(47 * 3600, "47h")]
    [InlineData(48 * 3600, "2d")]
    [InlineData(53 * 3600, "2d5h")]
    [InlineData(8 * 86400 + 3600, "8d")]
    [InlineData(729 * 86400, "729d")]
    [InlineData(730 * 86400, "2y")]
    [InlineData(800 * 86400, "2y70d")]
    [InlineData(365 * 9 * 86400L, "9y")]
    public void WritesDurationsForPeople(long seconds, string expected) =>
        Assert.Equal(expected, HumanDuration.Format(TimeSpan.FromSeconds(seconds)));
}
