namespace ApiCosts;

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
        new("watch", "watch", [], 100_000, 0.0497, 19974, 12.3, 132),
        new("watch", "watch", ["--rate", "0"], 100_000, 0.0212, 46652, 98.1, 280) { Title = "watch-max" },
        new("delete-configmaps", "delete-configmaps", ["--count", "5000"], 5000, 1.49, 975, 15.0, 53.7),
        new("delete-pods", "delete-pods", ["--count", "5000"], 5000, 2.74, 563, 24.9, 64.0),
        OneClient("create-configmaps", 2.80, 276, 2.82, 7.04),
        OneClient("get", 1.18, 850, 1.05, 3.06),
        OneClient("patch-status", 4.50, 240, 3.82, 17.1),
        OneClient("put", 2.58, 415, 2.17, 6.64),
        OneClient("delete-configmaps", 2.38, 495, 1.85, 6.09),
    ];

    private static Scenario OneClient(string name, double cpu, double rate, double p50, double p99) =>
        new(name, name, ["--clients", "1", "--count", "500", "--pods", "500"], 500, cpu, rate, p50, p99) { Title = $"c1-{name}", Namespace = "bench1" };
}
