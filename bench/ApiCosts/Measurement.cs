namespace ApiCosts;

/// <summary>What one run of a scenario measured; times in ms, memory in the unit that the name says.</summary>
internal sealed record Measurement(double Rate, double P50, double P99, double CpuPerOperation, double AllocatedPerOperation, double MemoryMebibytes);
