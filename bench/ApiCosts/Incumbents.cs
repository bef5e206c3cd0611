namespace ApiCosts;

/// <summary>A scenario of apibench, and what kube-apiserver 1.36.2 with etcd 3.5.30 measured in it on a machine of the same kind.</summary>
/// <param name="Name">apibench's name of the measurement.</param>
/// <param name="Run">apibench's name of the scenario to run for it.</param>
/// <param name="Arguments">What apibench is told beside the server.</param>
/// <param name="Operations">What CPU seconds are divided by.</param>
/// <param name="CpuPerOperation">CPU of kube-apiserver and etcd, ms.</param>
/// <param name="Rate">Operations (for watch: events; for lists: lists of 10,000 pods) per second.</param>
/// <param name="P50">Median latency in ms.</param>
/// <param name="P99">99th percentile of the latency in ms (for lists: the longest).</param>
internal sealed record Scenario(
    string Name, string Run, string[] Arguments, int Operations, double CpuPerOperation, double Rate, double P50, double P99);

/// <summary>The figures to compare with: medians of BASELINE, 23 November 2026, both servers and the generator on two cores.</summary>
internal static class Incumbents
{
    public static IReadOnlyList<Scenario> Rows { get; } =
    [
        new("create-configmaps", "create-configmaps", ["--count", "5000"], 5000, 1.27, 997, 13.8, 45.9),
        new("create-pods", "create-pods", ["--count", "5000"], 10000, 2.04, 740, 19.2, 59.9),
        new("get", "get", ["--count", "5000"], 5000, 0.72, 1636, 8.34, 34.2),
        new("list-full", "list", [], 5, 640, 1.89, 530, 600),
        new("list-rv0", "list", [], 5, 640, 1.96, 510, 670),
        new("list-paged500", "list", [], 5, 710, 1.49, 670, 710),
        new("patch-status", "patch-status", ["--count", "5000"], 5000, 2.70, 585, 23.5, 80.1),
        new("put", "put", ["--count", "5000"], 5000, 1.39, 973, 14.5, 43.2),
        new("watch", "watch", ["--count", "5000"], 100_000, 0.0497, 19974, 12.3, 132),
        new("delete-configmaps", "delete-configmaps", ["--count", "5000"], 5000, 1.49, 975, 15.0, 53.7),
        new("delete-pods", "delete-pods", ["--count", "5000"], 5000, 2.74, 563, 24.9, 64.0),
    ];
}
