namespace Modular.EndToEnd;

/// <summary>The ways a cluster can run its containers, for tests that hold in both.</summary>
public static class ClusterModes
{
    public const string NeedsRoot = "isolated containers take root: run the tests as root";

    public static bool IsRoot => Environment.IsPrivilegedProcess;

    public static IEnumerable<TheoryDataRow<string>> Both =>
        [new TheoryDataRow<string>("process"), new TheoryDataRow<string>("isolated") { Skip = IsRoot ? null : NeedsRoot }];
}
