namespace Modular.PluginTests;

/// <summary>What a step of random work does.</summary>
internal enum StoreStepKind
{
    Commit,
    Range,
    Compact,
    Reopen,
    Watch,
    Read,
    Cut,
}

/// <summary>
/// A step of random work. Its details are drawn from its own seed, so that leaving out other steps changes them as little as may be.
/// </summary>
internal readonly record struct StoreStep(StoreStepKind Kind, int Seed)
{
    /// <summary>So many steps, in the proportions that find most.</summary>
    public static List<StoreStep> Generate(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => new StoreStep(Draw(random.Next(100)), random.Next()))];
    }

    private static StoreStepKind Draw(int percent) => percent switch
    {
        < 50 => StoreStepKind.Commit,
        < 67 => StoreStepKind.Range,
        < 70 => StoreStepKind.Compact,
        < 72 => StoreStepKind.Reopen,
        < 78 => StoreStepKind.Watch,
        < 92 => StoreStepKind.Read,
        _ => StoreStepKind.Cut,
    };
}
