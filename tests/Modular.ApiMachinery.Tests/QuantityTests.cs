using System.Globalization;

namespace Modular.ApiMachinery.Tests;

public sealed class QuantityTests
{
    [Theory]
    [InlineData("0", "0")]
    [InlineData("0.0", "0")]
    [InlineData("0Mi", "0")]
    [InlineData("100m", "100m")]
    [InlineData("0.5", "500m")]
    [InlineData(".5", "500m")]
    [InlineData("5.", "5")]
    [InlineData("1000m", "1")]
    [InlineData("1.5", "1500m")]
    [InlineData("1000", "1k")]
    [InlineData("1500", "1500")]
    [InlineData("1024", "1024")]
    [InlineData("12000k", "12M")]
    [InlineData("1Gi", "1Gi")]
    [InlineData("1024Mi", "1Gi")]
    [InlineData("1.5Gi", "1536Mi")]
    [InlineData("0.5Gi", "512Mi")]
    [InlineData("1023Ki", "1023Ki")]
    [InlineData("0.5Ki", "512")]
    [InlineData("0.1Ki", "102400m")]
    [InlineData("1Ki", "1Ki")]
    [InlineData("-1Ki", "-1Ki")]
    [InlineData("-100m", "-100m")]
    [InlineData("+5", "5")]
    [InlineData("007", "7")]
    [InlineData("1e3", "1e3")]
    [InlineData("1E3", "1e3")]
    [InlineData("12e6", "12e6")]
    [InlineData("100e3", "100e3")]
    [InlineData("0.01e3", "10")]
    [InlineData("1E", "1E")]
    [InlineData("1e-3", "1e-3")]
    [InlineData("1n", "1n")]
    [InlineData("0.1n", "1n")]
    [InlineData("-0.1n", "-1n")]
    [InlineData("1000n", "1u")]
    [InlineData("0.0001", "100u")]
    [InlineData("1.0000000001", "1000000001n")]
    [InlineData("9223372036854775807", "9223372036854775807")]
    [InlineData("9223372036854775808", "9223372036854775807")]
    [InlineData("1e100", "9223372036854775807")]
    [InlineData("100E", "9223372036854775807")]
    [InlineData("123456789012", "123456789012")]
    [InlineData("1234567890123.456", "1234567890123456m")]
    [InlineData("1Ti", "1Ti")]
    [InlineData("1Ei", "1Ei")]
    public void Canonicalises(string text, string canonical)
    {
        Assert.Equal(canonical, Quantity.Parse(text).ToString());
        Assert.Equal(canonical, Quantity.Parse(canonical).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData(".")]
    [InlineData("1.2.3")]
    [InlineData("1 Gi")]
    [InlineData("Gi")]
    [InlineData("1Gb")]
    [InlineData("abc")]
    [InlineData("--1")]
    [InlineData("1,5")]
    public void RefusesWithTheExpression(string text)
    {
        Assert.False(Quantity.TryParse(text, out _, out var error));
        Assert.StartsWith("quantities must match the regular expression '^([+-]?[0-9.]+)", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1mi")]
    [InlineData("1ki")]
    [InlineData("1K")]
    [InlineData("1eE")]
    [InlineData("1mm")]
    public void RefusesUnknownSuffixes(string text)
    {
        Assert.False(Quantity.TryParse(text, out _, out var error));
        Assert.Equal("unable to parse quantity's suffix", error);
    }

    [Theory]
    [InlineData("1", 1000, 1)]
    [InlineData("1m", 1, 1)]
    [InlineData("1n", 1, 1)]
    [InlineData("1001u", 2, 1)]
    [InlineData("1500m", 1500, 2)]
    [InlineData("-1500m", -1500, -2)]
    [InlineData("1Ki", 1_024_000, 1024)]
    [InlineData("9223372036854775807", long.MaxValue, long.MaxValue)]
    public void RoundsUp(string text, long milli, long whole)
    {
        Assert.Equal(milli, Quantity.Parse(text).ToMilli());
        Assert.Equal(whole, Quantity.Parse(text).ToLong());
    }

    [Fact]
    public void ComparesAmountsNotTexts()
    {
        Assert.Equal(Quantity.Parse("1Ki"), Quantity.Parse("1024"));
        Assert.Equal(Quantity.Parse("1Ki").GetHashCode(), Quantity.Parse("1024").GetHashCode());
        Assert.True(Quantity.Parse("1G") < Quantity.Parse("1Gi"));
        Assert.True(Quantity.Parse("0.1") >= Quantity.Parse("100m"));
    }

    [Fact]
    public void AddsAndSubtracts()
    {
        Assert.Equal("1536Mi", (Quantity.Parse("1Gi") + Quantity.Parse("512Mi")).ToString());
        Assert.Equal("1100m", (Quantity.Parse("1") + Quantity.Parse("100m")).ToString());
        Assert.Equal("1Gi", (Quantity.Zero + Quantity.Parse("1Gi")).ToString());
        Assert.Equal("-100m", (Quantity.Parse("900m") - Quantity.Parse("1")).ToString());
    }

    [Fact]
    public void ParsingAddsUp()
    {
        var random = new Random(4711);
        for (var i = 0; i < 2000; i++)
        {
            var whole = random.NextInt64(10_000_000_000_000);
            var milli = random.Next(1000);

            var parsed = Quantity.Parse(string.Create(CultureInfo.InvariantCulture, $"{whole}.{milli:D3}"));

            Assert.Equal(Quantity.From(whole) + Quantity.FromMilli(milli), parsed);
            Assert.Equal(parsed, Quantity.Parse(parsed.ToString()));
        }
    }
}
