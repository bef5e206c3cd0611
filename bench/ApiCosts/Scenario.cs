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
    string Name, string Run, string[] Arguments, int Operations, double CpuPerOperation, double Rate, double P50, double P99)
{
    /// <summary>What the row is called.</summary>
    public string Title { get; init; } = Name;

    /// <summary>The namespace that it works in.</summary>
    public string Namespace { get; init; } = "bench";
}
