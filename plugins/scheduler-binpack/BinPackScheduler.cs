using Modular.Abstractions;

namespace Modular.Plugins.SchedulerBinpack;

/// <summary>Opens sessions; each has a picture of its own.</summary>
public sealed class BinPackScheduler : IScheduler
{
    /// <inheritdoc />
    public ValueTask<ISchedulingSession> OpenAsync(SchedulingSessionOptions options, CancellationToken cancellationToken) =>
        ValueTask.FromResult<ISchedulingSession>(new BinPackSession());
}
