namespace ServiceProxy;

/// <summary>What one run of a load measured.</summary>
/// <param name="Rate">Answers a second.</param>
/// <param name="P50">Milliseconds.</param>
/// <param name="P99">Milliseconds.</param>
/// <param name="Failures">What did not come back.</param>
/// <param name="CpuMicroseconds">CPU time of the proxy for each.</param>
internal sealed record Measurement(double Rate, double P50, double P99, long Failures, double CpuMicroseconds)
{
    /// <summary>The median of each figure, and all failures.</summary>
    public static Measurement Median(IReadOnlyList<Measurement> runs)
    {
        double Of(Func<Measurement, double> figure) => runs.Select(figure).Order().ElementAt(runs.Count / 2);
        return new(Of(run => run.Rate), Of(run => run.P50), Of(run => run.P99), runs.Sum(run => run.Failures), Of(run => run.CpuMicroseconds));
    }
}
