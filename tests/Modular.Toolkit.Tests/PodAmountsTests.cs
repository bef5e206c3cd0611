using System.Text.Json.Nodes;

namespace Modular.Toolkit.Tests;

public sealed class PodAmountsTests
{
    [Theory]
    [InlineData("""{"containers":[{"resources":{"requests":{"cpu":"100m"}}},{"resources":{"requests":{"cpu":"200m"}}},{}]}""", "300m")]
    [InlineData("""{"containers":[{"resources":{"requests":{"cpu":"100m"}}}],"initContainers":[{"resources":{"requests":{"cpu":"1"}}},{"resources":{"requests":{"cpu":"2"}}}]}""", "2")]
    [InlineData("""{"containers":[{"resources":{"requests":{"cpu":"100m"}}}],"initContainers":[{"restartPolicy":"Always","resources":{"requests":{"cpu":"1"}}},{"resources":{"requests":{"cpu":"2"}}}]}""", "3")]
    [InlineData("""{"containers":[{"resources":{"requests":{"cpu":"100m"}}}],"initContainers":[{"resources":{"requests":{"cpu":"500m"}}},{"restartPolicy":"Always","resources":{"requests":{"cpu":"1"}}}]}""", "1100m")]
    [InlineData("""{"containers":[{"resources":{"requests":{"cpu":"100m"}}}],"overhead":{"cpu":"50m"}}""", "150m")]
    [InlineData("""{"containers":[{"resources":{"requests":{"cpu":"100m"}}}],"resources":{"requests":{"cpu":"400m"}},"overhead":{"cpu":"50m"}}""", "450m")]
    [InlineData("""{"containers":[null,{"resources":[]},{"resources":{"requests":{"cpu":{}}}},{"resources":{"requests":{"cpu":2}}}]}""", "2")]
    public void APodAsksForTheMostThatRunsAtATime(string spec, string cpu) =>
        Assert.Equal(cpu, PodAmounts.Requests(JsonNode.Parse(spec)!.AsObject())["cpu"].ToString());

    [Fact]
    public void OverheadIsLimitedWhereTheContainersAre()
    {
        var spec = JsonNode.Parse("""{"containers":[{"resources":{"limits":{"cpu":"1"}}}],"overhead":{"cpu":"250m","memory":"64Mi"}}""")!.AsObject();
        Assert.Equal(["cpu=1250m"], PodAmounts.Limits(spec).Select(l => $"{l.Key}={l.Value}"));
        Assert.Equal(["cpu=250m", "memory=64Mi"], PodAmounts.Requests(spec).Select(l => $"{l.Key}={l.Value}"));
    }
}
