namespace Modular.ApiFuzzer.Tests;

/// <summary>
/// A few thousand requests of fixed seeds against the real kinds: enough to notice when something breaks. bench/ApiFuzzer runs the same for hours.
/// </summary>
// The growth of the heap is measured, and it is the whole process's: one after the other.
[Collection(nameof(FuzzTests))]
public sealed class FuzzTests
{
    private const int Requests = 2500;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Answers_keep_the_rules_memory_does_not_grow_and_what_is_stored_can_be_written_back(int seed)
    {
        var findings = await new Fuzzer(seed).RunAsync(Requests, TestContext.Current.CancellationToken);

        Assert.True(findings.Count == 0, string.Join("\n\n", findings));
    }

    [Fact]
    public void A_seed_makes_the_same_requests_every_time()
    {
        var (one, other) = (new Dice(7, 11), new Dice(7, 11));

        Assert.Equal(Enumerable.Range(0, 100).Select(_ => one.Next(1000)), Enumerable.Range(0, 100).Select(_ => other.Next(1000)));
        Assert.Equal(SelectorText.Labels(new Dice(7, 12)), SelectorText.Labels(new Dice(7, 12)));
    }
}
