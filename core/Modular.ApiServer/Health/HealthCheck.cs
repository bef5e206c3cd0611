namespace Modular.ApiServer;

/// <summary>One thing that must be well for the server to be ready.</summary>
/// <param name="Name">The name in <c>/readyz/NAME</c>.</param>
/// <param name="RunAsync">Answers null if all is well, else what is wrong.</param>
public sealed record HealthCheck(string Name, Func<CancellationToken, ValueTask<string?>> RunAsync)
{
    /// <summary>True if a failure also means that the process should be restarted (<c>/livez</c>).</summary>
    public bool Liveness { get; init; }
}
