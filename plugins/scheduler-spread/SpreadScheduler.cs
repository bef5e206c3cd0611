using Modular.Abstractions;

namespace Modular.Plugins.SchedulerSpread;

/// <summary>Opens sessions; each has a picture of its own.</summary>
public sealed class SpreadScheduler : IScheduler
{
    /// <inheritdoc />
    public ValueTask<ISchedulingSession> OpenAsync(SchedulingSessionOptions options, CancellationToken cancellationToken) =>
        ValueTask.FromResult<ISchedulingSession>(new SpreadSession());
}
