namespace ApiCosts;

/// <summary>What one run of a scenario measured.</summary>
internal sealed record Measurement(double Rate, double P50, double P99, double CpuPerOperation, double MemoryMebibytes);
