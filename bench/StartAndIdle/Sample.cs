namespace StartAndIdle;

/// <summary>What one run measured.</summary>
internal sealed record Sample(
    double ReadySeconds, double PodSeconds, double RestartSeconds, double Pss, double Rss, double Anonymous, int Processes, double IdleCpuPercent);
